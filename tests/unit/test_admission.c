// SPDX-License-Identifier: GPL-2.0
/*
 * The sender's port, to which any user of the host may connect: only the run's own connections are
 * admitted.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "traffic/admission.h"

enum {
	THREADS = 2,
	STRANGERS = 3,
};

/* A listening sender, connections to it, and the runner's end of its control socket. */
struct scene {
	struct run_spec spec;
	struct worker workers[THREADS];
	struct crew crew;
	int listener, runner;
	struct sockaddr_in address;
};

static void scene__open(struct scene *scene)
{
	socklen_t size = sizeof(scene->address);
	int control[2];

	*scene = (struct scene){
		.spec.threads = THREADS,
		.address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
	};
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, control), 0);
	scene->runner = control[0];
	scene->crew = (struct crew){
		.spec = &scene->spec,
		.control = control[1],
		.workers = scene->workers,
	};
	scene->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(scene->listener, (struct sockaddr *)&scene->address, size), 0);
	assert_int_equal(listen(scene->listener, 16), 0);
	getsockname(scene->listener, (struct sockaddr *)&scene->address, &size);
}

static void scene__close(struct scene *scene)
{
	for (unsigned int i = 0; i < THREADS; i++)
		if (scene->workers[i].fd > 0)
			close(scene->workers[i].fd);
	close(scene->listener);
	close(scene->crew.control);
	close(scene->runner);
}

/* Connects to the sender; sets *peer to the connection's own address. */
static int scene__connect(struct scene *scene, struct sockaddr_in *peer)
{
	socklen_t size = sizeof(*peer);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&scene->address, sizeof(scene->address)),
			 0);
	getsockname(fd, (struct sockaddr *)peer, &size);
	return fd;
}

static void scene__announce(struct scene *scene, const struct sockaddr_in *peer)
{
	struct control_message message = {.type = CONTROL_CONNECTED, .peer = *peer};

	assert_int_equal(control__send(scene->runner, &message), 0);
}

static void test_strangers_first(void **state)
{
	struct sockaddr_in stranger, own[THREADS];
	int strangers[STRANGERS], fds[THREADS];
	struct scene scene;
	char byte;

	(void)state;
	scene__open(&scene);
	for (unsigned int i = 0; i < STRANGERS; i++)
		strangers[i] = scene__connect(&scene, &stranger);
	assert_int_equal(send(strangers[0], "stranger", 8, 0), 8); /* the others are idle */
	for (unsigned int i = 0; i < THREADS; i++)
		fds[i] = scene__connect(&scene, &own[i]);
	for (unsigned int i = THREADS; i-- > 0;)
		scene__announce(&scene, &own[i]);

	assert_int_equal(admission__run(&scene.crew, scene.listener), 0);

	assert_int_equal(scene.crew.strangers, STRANGERS);
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(scene.workers[i].port, ntohs(own[i].sin_port));
	for (unsigned int i = 0; i < STRANGERS; i++) {
		assert_true(recv(strangers[i], &byte, 1, 0) <= 0); /* closed by the sender */
		close(strangers[i]);
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		assert_int_equal(send(scene.workers[i].fd, "x", 1, 0), 1);
		assert_int_equal(recv(fds[i], &byte, 1, 0), 1);
		close(fds[i]);
	}
	scene__close(&scene);
}

static void test_no_strangers(void **state)
{
	struct sockaddr_in own[THREADS];
	int fds[THREADS];
	struct scene scene;

	(void)state;
	scene__open(&scene);
	for (unsigned int i = 0; i < THREADS; i++) {
		fds[i] = scene__connect(&scene, &own[i]);
		scene__announce(&scene, &own[i]);
	}
	assert_int_equal(admission__run(&scene.crew, scene.listener), 0);
	assert_int_equal(scene.crew.strangers, 0);
	for (unsigned int i = 0; i < THREADS; i++)
		close(fds[i]);
	scene__close(&scene);
}

static void test_runner_gone(void **state)
{
	struct sockaddr_in stranger;
	struct scene scene;
	int fd;

	(void)state;
	scene__open(&scene);
	fd = scene__connect(&scene, &stranger);
	shutdown(scene.runner, SHUT_RDWR);
	assert_int_equal(admission__run(&scene.crew, scene.listener), -EPIPE);
	close(fd);
	scene__close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strangers_first),
		cmocka_unit_test(test_no_strangers),
		cmocka_unit_test(test_runner_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
