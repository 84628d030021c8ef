// SPDX-License-Identifier: GPL-2.0
/* The memory that a run needs, and the memory that there is, from invented files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/unit/folder.h"
#include "base/histogram.h"
#include "traffic/memory.h"
#include "traffic/receive.h"

static void test_needed(void **state)
{
	struct run_spec spec = {.transport = &two_copy, .message_bytes = 1 << 20, .threads = 1};
	uint64_t one;

	(void)state;
	/* the message, the packed one, and the receiver's */
	one = memory__needed(&spec);
	assert_int_equal(one, 3 << 20);
	spec.threads = 1024;
	assert_true(memory__needed(&spec) == 1024 * one); /* more than 32 bits */
	spec.mode = RUN_RR;
	assert_true(memory__needed(&spec) == 1024 * (one + sizeof(struct histogram)));
	/* a ring of messages */
	spec = (struct run_spec){.transport = &zero_copy, .message_bytes = 16 << 20, .threads = 1};
	assert_in_range(memory__needed(&spec), 48 << 20, 49 << 20);
	/* a small message needs whole pages, and the receiver a whole buffer */
	spec.message_bytes = 8;
	assert_true(memory__needed(&spec) >= BUFFER_BYTES_MIN + 2 * 8 * 4096);
}

static void test_available(void **state)
{
	(void)state;
	assert_true(memory__available(root) == UINT64_MAX);
	put("/proc/meminfo", "MemTotal:  9000 kB\nMemAvailable:    1000 kB\n");
	assert_int_equal(memory__available(root), 1000 << 10);
	/* our group may take less, and the one above it even less */
	put("/proc/self/cgroup", "12:cpu:/old\n0::/a/b\n");
	put("/sys/fs/cgroup/a/b/memory.max", "500000\n");
	put("/sys/fs/cgroup/a/b/memory.current", "100000\n");
	assert_int_equal(memory__available(root), 400000);
	put("/sys/fs/cgroup/a/memory.max", "300000\n");
	assert_int_equal(memory__available(root), 300000);
	put("/sys/fs/cgroup/a/memory.current", "400000\n");
	assert_int_equal(memory__available(root), 0);
	put("/sys/fs/cgroup/a/memory.max", "max\n");
	put("/sys/fs/cgroup/a/b/memory.max", "max\n");
	assert_int_equal(memory__available(root), 1000 << 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_needed),
		cmocka_unit_test_setup_teardown(test_available, make_root, remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
