// SPDX-License-Identifier: GPL-2.0
/*
 * Programs of the harness, attached but never armed, so that each returns at once. What they cost
 * is the kernel's way to a program and back: the least that any tracer of the same places adds.
 *
 * idle PROGRAM...    says "ready" and waits to be killed; a SIGUSR1 takes them off ("off"), the
 * next one puts them on again ("ready")
 */
#include <bpf/libbpf.h>
#include <err.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.skel.h"

#define LINKS_MAX 64

static struct bpf_link *links[LINKS_MAX];

static bool is_among(const char *name, char **names)
{
	for (; *names; names++)
		if (!strcmp(name, *names))
			return true;
	return false;
}

/* How many there are. */
static int put_on(struct bpf_object *object)
{
	struct bpf_program *program;
	int count = 0;

	bpf_object__for_each_program (program, object) {
		if (!bpf_program__autoload(program) || count == LINKS_MAX)
			continue;
		links[count] = bpf_program__attach(program);
		if (!links[count++])
			err(EXIT_FAILURE, "%s", bpf_program__name(program));
	}
	return count;
}

static void take_off(void)
{
	for (int i = 0; i < LINKS_MAX; i++) {
		bpf_link__destroy(links[i]);
		links[i] = NULL;
	}
}

static void say(const char *word)
{
	puts(word);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct harness_bpf *bpf = harness_bpf__open();
	struct bpf_program *program;
	int attached, error, number;
	sigset_t signals;

	if (!bpf)
		err(EXIT_FAILURE, "open");
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	bpf_object__for_each_program (program, bpf->obj)
		bpf_program__set_autoload(program, is_among(bpf_program__name(program), argv + 1));
	error = harness_bpf__load(bpf);
	if (error)
		errx(EXIT_FAILURE, "load: %s", strerror(-error));
	attached = put_on(bpf->obj);
	if (!attached || attached != argc - 1)
		errx(EXIT_FAILURE, "%d of %d programs are the harness's", attached, argc - 1);
	say("ready");
	for (;;) {
		sigwait(&signals, &number);
		take_off();
		say("off");
		sigwait(&signals, &number);
		put_on(bpf->obj);
		say("ready");
	}
}
