// SPDX-License-Identifier: GPL-2.0
/* The kernel's counts of a process's threads, compared with what the process did. */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/tasks.h"

#define SLEEPS 20

/* Shared between the test and the process that it observes. */
struct shared {
	sem_t go, done;
};

static void *sleep_often(void *data)
{
	for (int i = 0; i < SLEEPS; i++)
		usleep(1000);
	sem_post(data);
	for (;;)
		pause();
	return NULL;
}

static void sleeper(struct shared *shared)
{
	pthread_t thread;
	sem_t slept;

	sem_init(&slept, 0, 0);
	sem_wait(&shared->go);
	for (int i = 0; i < 2; i++)
		pthread_create(&thread, NULL, sleep_often, &slept);
	for (int i = 0; i < 2; i++)
		sem_wait(&slept);
	sem_post(&shared->done);
	for (;;)
		pause();
}

static void test_threads_are_summed(void **state)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct task_switches before, after;
	pid_t pid;

	(void)state;
	sem_init(&shared->go, 1, 0);
	sem_init(&shared->done, 1, 0);
	pid = fork();
	if (!pid)
		sleeper(shared);
	before = tasks__switches(pid);
	assert_true(before.known);
	sem_post(&shared->go);
	sem_wait(&shared->done);
	after = tasks__switches(pid);
	assert_true(after.known);
	/* each sleep is a switch; others add a few */
	assert_in_range(after.voluntary - before.voluntary, 2 * SLEEPS, 2 * SLEEPS + 20);
	/* asleep, the counts do not change */
	before = tasks__switches(pid);
	assert_int_equal(before.voluntary, after.voluntary);
	assert_int_equal(before.involuntary, after.involuntary);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* the counts of an ended process are unknown */
	assert_false(tasks__switches(pid).known);
	munmap(shared, sizeof(*shared));
}

/* A thread that never sleeps has no final count. */
static void test_busy_is_unknown(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (!pid)
		for (volatile unsigned int i = 0;; i++)
			;
	assert_false(tasks__switches(pid).known);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* An ended process does not run, also before its parent has waited for it. */
static void test_runs(void **state)
{
	pid_t pid = fork();
	siginfo_t info;

	(void)state;
	if (!pid)
		pause();
	assert_true(tasks__runs(pid));
	kill(pid, SIGKILL);
	waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
	assert_false(tasks__runs(pid));
	waitpid(pid, NULL, 0);
	assert_false(tasks__runs(pid));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads_are_summed),
		cmocka_unit_test(test_busy_is_unknown),
		cmocka_unit_test(test_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
