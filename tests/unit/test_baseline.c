// SPDX-License-Identifier: GPL-2.0
/* --baseline: which numbers are worse than before; and the reports for CI. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/capture.h"
#include "watch/baseline.h"

#define REST                                                                                       \
	"\"transmit_copy\": {\"bytes\": 0}, \"tap_copy\": {\"bytes\": 0},"                         \
	"\"receive_copy\": {\"bytes\": null}}"
#define WATCHED(sent, copied, deferred)                                                            \
	"{\"sent_bytes\": " sent                                                                   \
	", \"received_bytes\": null, \"sites\": {"                                                 \
	"\"user_memcpy\": {\"bytes\": null}, \"send_copy\": {\"bytes\": " copied                   \
	"},"                                                                                       \
	"\"deferred_copy\": {\"bytes\": " deferred "}," REST "}"
#define RUN(payload, copied)                                                                       \
	"{\"payload_bytes\": " payload                                                             \
	", \"copies_per_byte\": 3, \"sites\": {"                                                   \
	"\"user_memcpy\": {\"bytes\": " payload "}, \"send_copy\": {\"bytes\": " copied            \
	"},"                                                                                       \
	"\"deferred_copy\": {\"bytes\": 0}," REST "}"
#define DOCUMENT(runs) "{\"runs\": [" runs "]}"

static int read_text(struct baseline *baseline, const char *text, double tolerance)
{
	char name[] = "/tmp/baseline-XXXXXX";
	int fd = mkstemp(name), err;

	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	err = baseline__read(baseline, name, tolerance);
	unlink(name);
	return err;
}

/* The text printed for a row against a baseline; "": it is not worse. */
static void judged(const char *before, const char *now, double tolerance, char *printed,
		   size_t size)
{
	struct capture capture;
	struct baseline baseline;
	struct rulings rulings = {};
	json_t *row = json_loads(now, 0, NULL);

	assert_non_null(row);
	assert_int_equal(read_text(&baseline, before, tolerance), 0);
	baseline__judge(&baseline, row, &rulings);
	capture = capture__begin(stderr);
	rulings__print(&rulings, stderr);
	capture__end(&capture, printed, size);
	rulings__free(&rulings);
	baseline__free(&baseline);
	json_decref(row);
}

static void test_worse(void **state)
{
	static const struct {
		const char *before, *now;
		double tolerance;
		const char *lines;
	} cases[] = {
		{DOCUMENT(WATCHED("1000", "1000", "0")), WATCHED("500", "500", "0"), 0, ""},
		{DOCUMENT(WATCHED("1000", "1000", "0")), WATCHED("500", "0", "0"), 0, ""},
		{DOCUMENT(WATCHED("1000", "1000", "0")), WATCHED("1000", "1000", "9"), 1, ""},
		{DOCUMENT(WATCHED("1000", "1000", "0")), WATCHED("1000", "1000", "11"), 1,
		 "harness: expected copies_per_byte.send <= 1.01 (baseline 1, tolerance 1%), but "
		 "it is 1.011: send_copy 1000 bytes, deferred_copy 11 bytes\n"
		 "harness: expected deferred_copy / sent_bytes <= 0.01 (baseline 0, tolerance 1%), "
		 "but it is 0.011: deferred_copy 11 bytes\n"},
		/* a copy that replaces another one is still worse */
		{DOCUMENT(WATCHED("1000", "1000", "0")), WATCHED("1000", "500", "500"), 1,
		 "harness: expected deferred_copy / sent_bytes <= 0.01 (baseline 0, tolerance 1%), "
		 "but it is 0.5: deferred_copy 500 bytes\n"},
		/* a number that the baseline has must be known */
		{DOCUMENT(WATCHED("1000", "1000", "0")), WATCHED("1000", "1000", "null"), 1,
		 "harness: expected copies_per_byte.send <= 1.01 (baseline 1, tolerance 1%), but "
		 "it is not known: send_copy 1000 bytes\n"
		 "harness: expected deferred_copy / sent_bytes <= 0.01 (baseline 0, tolerance 1%), "
		 "but it is not known\n"},
		{DOCUMENT(WATCHED("1000", "1000", "null")), WATCHED("1000", "1000", "500"), 1, ""},
		/* nothing was sent */
		{DOCUMENT(WATCHED("0", "0", "0")), WATCHED("1000", "1000", "500"), 1, ""},
		/* a run also counts its own memcpy, which a watch does not see */
		{DOCUMENT(RUN("1000", "1000")), WATCHED("1000", "1000", "0"), 0, ""},
		{DOCUMENT(RUN("1000", "0")), WATCHED("100", "50", "0"), 10,
		 "harness: expected copies_per_byte.send <= 0.1 (baseline 0, tolerance 10%), but "
		 "it is 0.5: send_copy 50 bytes\n"
		 "harness: expected send_copy / sent_bytes <= 0.1 (baseline 0, tolerance 10%), but "
		 "it is 0.5: send_copy 50 bytes\n"},
	};
	char printed[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		judged(cases[i].before, cases[i].now, cases[i].tolerance, printed, sizeof(printed));
		assert_string_equal(printed, cases[i].lines);
	}
}

static void test_no_baseline(void **state)
{
	static const struct {
		const char *text, *names;
	} wrong[] = {
		{"", "expected near end of file"},
		{"{}", "it has 0"},
		{DOCUMENT(""), "it has 0"},
		{DOCUMENT(RUN("1", "1") "," RUN("1", "1")), "it has 2"},
		{DOCUMENT(RUN("1", "1")) DOCUMENT(RUN("1", "1")), "end of file expected"},
	};
	char printed[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct capture capture = capture__begin(stderr);
		struct baseline baseline;
		int err = read_text(&baseline, wrong[i].text, 1);

		capture__end(&capture, printed, sizeof(printed));
		baseline__free(&baseline);
		assert_int_equal(err, -EINVAL);
		assert_ptr_equal(strstr(printed, "harness: watch: --baseline /tmp/"), printed);
		assert_non_null(strstr(printed, wrong[i].names));
		assert_ptr_equal(strchr(printed, '\n'), printed + strlen(printed) - 1);
	}
}

static const struct ruling examples[] = {
	{RULING_MET, "a <= 1", "1", ""},
	{RULING_UNMET, "b == 0", "2", "of \"x\" & <y>'s\n\x1b[1m"},
	{RULING_SKIPPED, "c no worse than before", "", "not known before"},
};

static void printed_as(void (*print)(const struct rulings *, FILE *), char *printed, size_t size)
{
	struct rulings rulings = {.each = (struct ruling *)examples, .count = 3};
	struct capture capture = capture__begin(stdout);

	print(&rulings, stdout);
	capture__end(&capture, printed, size);
}

static void test_tap(void **state)
{
	char printed[2048];

	(void)state;
	printed_as(rulings__print_tap, printed, sizeof(printed));
	assert_string_equal(printed,
			    "TAP version 13\n1..3\nok 1 - a <= 1\nnot ok 2 - b == 0\n"
			    "  ---\n  found: '2'\n  cause: 'of \"x\" & <y>''s  [1m'\n"
			    "  ...\nok 3 - c no worse than before # SKIP not known before\n");
}

static void test_junit(void **state)
{
	char printed[2048];

	(void)state;
	printed_as(rulings__print_junit, printed, sizeof(printed));
	assert_string_equal(
		printed,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
		"  <testsuite name=\"harness watch\" tests=\"3\" failures=\"1\" errors=\"0\" "
		"skipped=\"1\">\n"
		"    <testcase classname=\"harness.watch\" name=\"a &lt;= 1\"/>\n"
		"    <testcase classname=\"harness.watch\" name=\"b == 0\">\n"
		"      <failure message=\"it is 2: of &quot;x&quot; &amp; &lt;y&gt;'s  [1m\"/>\n"
		"    </testcase>\n"
		"    <testcase classname=\"harness.watch\" name=\"c no worse than before\">\n"
		"      <skipped message=\"not known before\"/>\n    </testcase>\n"
		"  </testsuite>\n</testsuites>\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worse),
		cmocka_unit_test(test_no_baseline),
		cmocka_unit_test(test_tap),
		cmocka_unit_test(test_junit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
