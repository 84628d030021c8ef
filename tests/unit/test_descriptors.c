// SPDX-License-Identifier: GPL-2.0
// What another process has open.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/descriptors.h"

/* A child that has one end of a new pair of sockets and a file, and waits. */
static pid_t child_with(int pair[2])
{
	pid_t child;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		open("/dev/null", O_RDONLY);
		close(pair[0]);
		pause();
		_exit(0);
	}
	return child;
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static ino_t inode(int fd)
{
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	return status.st_ino;
}

struct seen {
	ino_t wanted;
	unsigned int times, others;
	int last, answer;
};

static int look(void *context, int socket)
{
	struct seen *seen = context;
	struct stat status;

	assert_int_equal(fstat(socket, &status), 0);
	assert_true(S_ISSOCK(status.st_mode));
	if (status.st_ino == seen->wanted)
		seen->times++;
	else
		seen->others++;
	seen->last = socket;
	return seen->answer;
}

static void test_each_socket_of_a_process_is_visited_once_and_closed_again(void **state)
{
	struct seen seen = {};
	int pair[2];
	pid_t child;

	(void)state;
	child = child_with(pair);
	/* only the child's own end: ours is closed here, so it is no descriptor of this process's
	 */
	seen.wanted = inode(pair[1]);
	close(pair[1]);
	assert_int_equal(descriptors__each_socket(child, look, &seen), 0);
	assert_int_equal(seen.times, 1);
	assert_int_equal(fcntl(seen.last, F_GETFD), -1);
	end(child);
	close(pair[0]);
}

static void test_what_a_visit_answers_ends_them(void **state)
{
	struct seen seen = {.answer = -EBUSY};
	int pair[2];
	pid_t child;

	(void)state;
	child = child_with(pair);
	assert_int_equal(descriptors__each_socket(child, look, &seen), -EBUSY);
	assert_int_equal(seen.times + seen.others, 1);
	end(child);
	close(pair[0]);
	close(pair[1]);
}

static void test_a_process_that_is_gone_is_an_error(void **state)
{
	struct seen seen = {};
	int pair[2];
	pid_t child;

	(void)state;
	child = child_with(pair);
	end(child);
	assert_int_equal(descriptors__each_socket(child, look, &seen), -ESRCH);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_socket_of_a_process_is_visited_once_and_closed_again),
		cmocka_unit_test(test_what_a_visit_answers_ends_them),
		cmocka_unit_test(test_a_process_that_is_gone_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
