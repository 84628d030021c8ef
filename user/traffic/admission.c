// SPDX-License-Identifier: GPL-2.0
#include "traffic/admission.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Connections that are accepted before the receiver has announced all of its own; more must wait.
 */
#define STRANGERS_MAX 1024

struct visitor {
	int fd;
	struct sockaddr_in peer;
};

struct admission {
	struct crew *crew;
	struct visitor *visitors; /* not admitted yet, oldest first */
	unsigned int count, room;
	struct sockaddr_in *announced; /* announced by the receiver, not accepted yet */
	unsigned int expected;
	unsigned int admitted;
};

static void admission__forget(struct admission *admission, unsigned int visitor)
{
	admission->count--;
	for (unsigned int i = visitor; i < admission->count; i++)
		admission->visitors[i] = admission->visitors[i + 1];
}

static void admission__reject(struct admission *admission, unsigned int visitor)
{
	close(admission->visitors[visitor].fd);
	admission__forget(admission, visitor);
	admission->crew->strangers++;
}

static bool is_same(const struct sockaddr_in *a, const struct sockaddr_in *b)
{
	return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
}

static bool admission__knows_all(const struct admission *admission)
{
	return admission->admitted + admission->expected == admission->crew->spec->threads;
}

/* Admits announced connections. Once all are announced, rejects the others. */
static void admission__match(struct admission *admission)
{
	for (unsigned int i = 0, j; i < admission->count;) {
		const struct visitor *visitor = &admission->visitors[i];
		struct worker *worker = &admission->crew->workers[admission->admitted];

		for (j = 0; j < admission->expected; j++)
			if (is_same(&visitor->peer, &admission->announced[j]))
				break;
		if (j == admission->expected) {
			if (admission__knows_all(admission))
				admission__reject(admission, i);
			else
				i++;
			continue;
		}
		worker->fd = visitor->fd;
		worker->port = ntohs(visitor->peer.sin_port);
		admission->admitted++;
		admission->announced[j] = admission->announced[--admission->expected];
		admission__forget(admission, i);
	}
}

static int admission__accept(struct admission *admission, int listener)
{
	struct visitor visitor = {};
	socklen_t size = sizeof(visitor.peer);

	visitor.fd = TEMP_FAILURE_RETRY(
		accept4(listener, (struct sockaddr *)&visitor.peer, &size, SOCK_CLOEXEC));
	if (visitor.fd < 0 && (errno == EAGAIN || errno == ECONNABORTED))
		return 0; /* it is closed already */
	if (visitor.fd < 0)
		return failure__set(&admission->crew->failure, -errno, "accept: %m%s",
				    errno == EMFILE ? "; raise ulimit -n or use fewer threads"
						    : "");
	admission->visitors[admission->count++] = visitor;
	return 0;
}

/* Takes an announcement of the receiver. */
static int admission__listen(struct admission *admission)
{
	struct control_message message;
	int err = control__receive(admission->crew->control, &message);

	if (err)
		return err;
	if (message.type == CONTROL_CONNECTED && !admission__knows_all(admission))
		admission->announced[admission->expected++] = message.peer;
	return 0;
}

int admission__run(struct crew *crew, int listener)
{
	unsigned int threads = crew->spec->threads;
	struct admission admission = {
		.crew = crew,
		.room = threads + STRANGERS_MAX,
		.visitors = calloc(threads + STRANGERS_MAX, sizeof(struct visitor)),
		.announced = calloc(threads, sizeof(struct sockaddr_in)),
	};
	struct pollfd files[] = {
		{.fd = crew->control, .events = POLLIN},
		{.events = POLLIN},
	};
	int err = 0;

	if (!admission.visitors || !admission.announced)
		err = failure__set(&crew->failure, -ENOMEM, "no memory for connections");
	while (!err && admission.admitted < threads) {
		files[1].fd = admission.count < admission.room ? listener : -1;
		/* The receiver may never connect: then the runner closes the control socket. */
		if (TEMP_FAILURE_RETRY(poll(files, 2, -1)) < 0)
			err = failure__set(&crew->failure, -errno, "poll: %m");
		if (!err && files[0].revents)
			err = admission__listen(&admission);
		if (!err && files[1].revents)
			err = admission__accept(&admission, listener);
		admission__match(&admission);
	}
	while (admission.count)
		admission__reject(&admission, 0);
	free(admission.visitors);
	free(admission.announced);
	return err;
}
