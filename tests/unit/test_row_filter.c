// SPDX-License-Identifier: GPL-2.0
/* --port and --peer, and the peer of a row. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/capture.h"
#include "watch/row_filter.h"
#include "watch/watch_group.h"

static struct row row_to(const char *peer)
{
	struct row row = {.kind = ROW_SOCKET, .local_port = 40000, .remote_port = 443};

	row.family = strchr(peer, ':') ? AF_INET6 : AF_INET;
	assert_int_equal(inet_pton(row.family, peer, row.remote), 1);
	return row;
}

static void test_peers(void **state)
{
	static const struct {
		const char *peer, *of;
		bool passes;
	} cases[] = {
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"::ffff:192.0.2.1", "192.0.2.1", true},
		{"192.0.2.0/24", "192.0.2.255", true},
		{"192.0.2.0/24", "192.0.3.0", false},
		{"10.128.0.0/9", "10.200.1.1", true},
		{"10.128.0.0/9", "10.127.1.1", false},
		/* bits after the prefix do not count */
		{"10.1.2.3/8", "10.9.9.9", true},
		{"10.1.2.3/32", "10.1.2.2", false},
		{"2001:db8::/32", "2001:db8:1::1", true},
		{"2001:db8::/32", "2001:db9::1", false},
		{"2001:db8::/33", "2001:db8:8000::1", false},
		{"::1", "::1", true},
		{"::1", "127.0.0.1", false},
		{"::/1", "192.0.2.1", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct row_filter filter = {};
		struct row row = row_to(cases[i].of);

		assert_int_equal(row_filter__parse_peer(&filter, cases[i].peer), 0);
		assert_true(row_filter__asks(&filter));
		assert_int_equal(row_filter__passes(&filter, &row), cases[i].passes);
	}
}

static void test_ports(void **state)
{
	struct row_filter filter = {.ports = {{80, 443}, 2}};
	struct row row = row_to("192.0.2.1");

	(void)state;
	assert_true(row_filter__asks(&filter));
	assert_true(row_filter__passes(&filter, &row));
	row.remote_port = 81;
	assert_false(row_filter__passes(&filter, &row));
	row.local_port = 80;
	assert_true(row_filter__passes(&filter, &row));
	/* both must hold */
	row_filter__parse_peer(&filter, "192.0.2.2");
	assert_false(row_filter__passes(&filter, &row));
	row.kind = ROW_PROCESS;
	filter.peer_bits = 0;
	assert_false(row_filter__passes(&filter, &row));
	assert_false(row_filter__asks(&(struct row_filter){}));
}

static void test_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"x",
		"192.0.2",
		"192.0.2.1:80",
		"192.0.2.1/",
		"192.0.2.1/33",
		"192.0.2.1/0",
		"192.0.2.1/-1",
		"192.0.2.1/8/8",
		"::1/129",
		"localhost",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001",
	};
	char printed[512];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct capture capture = capture__begin(stderr);
		struct row_filter filter = {};
		int err = row_filter__parse_peer(&filter, wrong[i]);

		capture__end(&capture, printed, sizeof(printed));
		assert_int_equal(err, -EINVAL);
		assert_ptr_equal(strstr(printed, "harness: --peer"), printed);
		assert_ptr_equal(strchr(printed, '\n'), printed + strlen(printed) - 1);
	}
}

static void test_names_of_peers(void **state)
{
	static const char *const names[][2] = {
		{"192.0.2.1", "192.0.2.1"},
		{"::ffff:192.0.2.1", "192.0.2.1"},
		{"2001:db8::1", "2001:db8::1"},
	};
	struct row row = {};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		row = row_to(names[i][0]);
		row__peer(&row, text, sizeof(text));
		assert_string_equal(text, names[i][1]);
	}
	row.kind = ROW_PROCESS;
	row__peer(&row, text, sizeof(text));
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_peers),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_names_of_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
