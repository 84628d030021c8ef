// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/capture.h"
#include "run/options.h"

static struct words typed; /* options may point into it */

static int parse(const char *line, struct options *options)
{
	words__split(&typed, "./harness", line);
	return options__parse(typed.argc, typed.argv, options);
}

/* Parses a line; `printed` gets what it writes to `stream`. */
static int parse_capturing(const char *line, FILE *stream, char *printed, size_t size)
{
	struct capture capture = capture__begin(stream);
	struct options options;
	int err = parse(line, &options);

	capture__end(&capture, printed, size);
	return err;
}

static void test_defaults(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse("", &options), 0);
	assert_int_equal(options.traced, TRACE_COPIES | TRACE_SCHED | TRACE_COUNTERS);
	assert_int_equal(options.attach, ATTACH_AUTO);
	assert_int_equal(options.transport_count, 4);
	assert_ptr_equal(options.transport[0], &two_copy);
	assert_ptr_equal(options.transport[1], &eight_sends);
	assert_ptr_equal(options.transport[2], &one_copy);
	assert_ptr_equal(options.transport[3], &zero_copy);
	assert_int_equal(options.sizes.count, 1);
	assert_int_equal(options.sizes.value[0], 65536);
	assert_int_equal(options.threads.count, 1);
	assert_int_equal(options.threads.value[0], 1);
	assert_true(options.seconds == 2);
	assert_int_equal(options.messages, 0);
	assert_int_equal(options.repeat, 1);
	assert_int_equal(options.port, 0);
	assert_int_equal(options.path.kind, PATH_LO);
	assert_string_equal(options.path.name, "lo");
	assert_null(options.without);
	assert_int_equal(options.mode, RUN_STREAM);
	assert_false(options.verify || options.json || options.verbose);
	assert_int_equal(options.fault, FAULT_NONE);
}

static void test_everything(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(
		parse("--trace sched --transport zero_copy,two_copy --size 8,64K,16M "
		      "--threads=1,1024 --messages 9007199254740992 --repeat 3 --port 65535 "
		      "--verify --attach tracepoint --without a,b --json --verbose",
		      &options),
		0);
	assert_int_equal(options.traced, TRACE_SCHED);
	assert_int_equal(options.attach, ATTACH_TRACEPOINT);
	assert_int_equal(options.transport_count, 2);
	assert_ptr_equal(options.transport[0], &zero_copy);
	assert_ptr_equal(options.transport[1], &two_copy);
	assert_int_equal(options.sizes.count, 3);
	assert_int_equal(options.sizes.value[0], 8);
	assert_int_equal(options.sizes.value[1], 65536);
	assert_int_equal(options.sizes.value[2], 16777216);
	assert_int_equal(options.threads.count, 2);
	assert_int_equal(options.threads.value[1], 1024);
	assert_int_equal(options.messages, 1ull << 53);
	assert_true(options.seconds == 0);
	assert_int_equal(options.repeat, 3);
	assert_int_equal(options.port, 65535);
	assert_string_equal(options.without, "a,b");
	assert_true(options.verify && options.json && options.verbose);
}

static void test_words(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse("--trace none", &options), 0);
	assert_int_equal(options.traced, TRACE_NONE);
	assert_int_equal(parse("--trace copies,sched", &options), 0);
	assert_int_equal(options.traced, TRACE_COPIES | TRACE_SCHED);
	assert_int_equal(parse("--transport all", &options), 0);
	assert_true(options.transport_count > TRANSPORTS_DEFAULT);
	for (size_t i = 0; i < options.transport_count; i++) {
		assert_ptr_equal(options.transport[i], transports[i]);
		assert_true(options.by_all[i]);
	}
	assert_null(transports[options.transport_count]);
	assert_int_equal(parse("--transport splice+recv,zero_copy+mapped", &options), 0);
	assert_false(options.by_all[0] || options.by_all[1]);
	assert_int_equal(parse("--transport zero_copy+mapped,splice+splice", &options), 0);
	assert_int_equal(options.transport_count, 2);
	assert_string_equal(options.transport[1]->name, "splice+splice");
	assert_int_equal(parse("--seconds 0.25", &options), 0);
	assert_true(options.seconds == 0.25);
	assert_int_equal(parse("--seconds .5", &options), 0);
	assert_true(options.seconds == 0.5);
	assert_int_equal(parse("--inject early-reuse", &options), 0);
	assert_int_equal(options.fault, FAULT_EARLY_REUSE);
	assert_int_equal(parse("--size 1M", &options), 0);
	assert_int_equal(options.sizes.value[0], 1048576);
	assert_int_equal(parse("--mode rr", &options), 0);
	assert_int_equal(options.mode, RUN_RR);
	assert_int_equal(parse("--mode stream", &options), 0);
	assert_int_equal(options.mode, RUN_STREAM);
	assert_int_equal(parse("--path veth", &options), 0);
	assert_int_equal(options.path.kind, PATH_VETH);
	assert_int_equal(parse("--path nic:eth1,eth2", &options), 0);
	assert_int_equal(options.path.kind, PATH_NIC);
	assert_string_equal(options.path.word[SENDER], "eth1");
	assert_string_equal(options.path.word[RECEIVER], "eth2");
	assert_string_equal(options.path.name, "nic:eth1,eth2");
}

static const struct {
	const char *line, *printed;
} bad_lines[] = {
	{"--transport three_copy",
	 "--transport three_copy: want all, or a list of two_copy, eight_sends, one_copy, "
	 "zero_copy, writev, sendfile, sendfile_corked, splice, uring_send, uring_zc, "
	 "zero_copy+mapped, splice+splice, uring_send+uring"},
	{"--transport one_copy,one_copy+recv",
	 "--transport: one_copy is listed twice; want each once"},
	{"--transport one_copy,one_copy", "--transport: one_copy is listed twice; want each once"},
	{"--transport one_copy,all", "--transport: one_copy is listed twice; want each once"},
	{"--transport one_copy,",
	 "--transport 'one_copy,': an item is empty; want items between single commas"},
	{"--size 0", "--size 0: want bytes from 8 to 16M, such as 1000, 64K or 1M"},
	{"--size 7", "--size 7: want bytes from 8 to 16M, such as 1000, 64K or 1M"},
	{"--size -1", "--size -1: want bytes from 8 to 16M, such as 1000, 64K or 1M"},
	{"--size +8", "--size +8: want bytes from 8 to 16M, such as 1000, 64K or 1M"},
	{"--size 10G", "--size 10G: want bytes from 8 to 16M, such as 1000, 64K or 1M"},
	{"--size 12x", "--size 12x: want bytes from 8 to 16M, such as 1000, 64K or 1M"},
	{"--size 0x10", "--size 0x10: want bytes from 8 to 16M, such as 1000, 64K or 1M"},
	{"--size 8K8", "--size 8K8: want bytes from 8 to 16M, such as 1000, 64K or 1M"},
	{"--size 17M", "--size 17M: want bytes from 8 to 16M, such as 1000, 64K or 1M"},
	{"--size 16777217", "--size 16777217: want bytes from 8 to 16M, such as 1000, 64K or 1M"},
	{"--size 18014398509481985K", /* 1K beyond 64 bits */
	 "--size 18014398509481985K: want bytes from 8 to 16M, such as 1000, 64K or 1M"},
	{"--size 18446744073709551615K",
	 "--size 18446744073709551615K: want bytes from 8 to 16M, such as 1000, 64K or 1M"},
	{"--size 99999999999999999999999",
	 "--size 99999999999999999999999: want bytes from 8 to 16M, such as 1000, 64K or 1M"},
	{"--size 8,,9", "--size '8,,9': an item is empty; want items between single commas"},
	{"--size ,8", "--size ',8': an item is empty; want items between single commas"},
	{"--size=", "--size '': an item is empty; want items between single commas"},
	{"--size 64K,65536", "--size: 65536 is listed twice; want each once (--repeat repeats)"},
	{"--threads 0", "--threads 0: want threads from 1 to 1024"},
	{"--threads 100000", "--threads 100000: want threads from 1 to 1024"},
	{"--threads 1K", "--threads 1K: want threads from 1 to 1024"},
	{"--threads 2,2", "--threads: 2 is listed twice; want each once (--repeat repeats)"},
	{"--seconds 0", "--seconds 0: want seconds above 0 and up to 86400, such as 0.5 or 10"},
	{"--seconds nan", "--seconds nan: want seconds above 0 and up to 86400, such as 0.5 or 10"},
	{"--seconds inf", "--seconds inf: want seconds above 0 and up to 86400, such as 0.5 or 10"},
	{"--seconds -1", "--seconds -1: want seconds above 0 and up to 86400, such as 0.5 or 10"},
	{"--seconds 1s", "--seconds 1s: want seconds above 0 and up to 86400, such as 0.5 or 10"},
	{"--seconds 1.2.3",
	 "--seconds 1.2.3: want seconds above 0 and up to 86400, such as 0.5 or 10"},
	{"--seconds 0x10",
	 "--seconds 0x10: want seconds above 0 and up to 86400, such as 0.5 or 10"},
	{"--seconds .", "--seconds .: want seconds above 0 and up to 86400, such as 0.5 or 10"},
	{"--seconds=", "--seconds : want seconds above 0 and up to 86400, such as 0.5 or 10"},
	{"--seconds 86401",
	 "--seconds 86401: want seconds above 0 and up to 86400, such as 0.5 or 10"},
	{"--messages 0", "--messages 0: want messages from 1 to 9007199254740992"},
	{"--messages 9007199254740993",
	 "--messages 9007199254740993: want messages from 1 to 9007199254740992"},
	{"--seconds 1 --messages 1",
	 "--seconds and --messages: want one of them to end a run, not both"},
	{"--repeat 0", "--repeat 0: want repeats from 1 to 10000"},
	{"--port 65536", "--port 65536: want a TCP port from 0 to 65535"},
	{"--trace cpu", "--trace cpu: want all, none, or a list of copies, sched, counters"},
	{"--trace none,copies", "--trace: want none alone, not in a list"},
	{"--trace copies,all", "--trace: want all alone, not in a list"},
	{"--trace shed",
	 "--trace shed: want all, none, or a list of copies, sched, counters; did you mean "
	 "'sched'?"},
	{"--transport zero_cpoy",
	 "--transport zero_cpoy: want all, or a list of two_copy, eight_sends, one_copy, "
	 "zero_copy, writev, sendfile, sendfile_corked, splice, uring_send, uring_zc, "
	 "zero_copy+mapped, splice+splice, uring_send+uring; did you mean 'zero_copy'?"},
	{"--trace copies,copies", "--trace: copies is listed twice; want each once"},
	{"--trace=", "--trace '': an item is empty; want items between single commas"},
	{"--without a,,b", "--without 'a,,b': an item is empty; want items between single commas"},
	{"--inject late-reuse", "--inject late-reuse: want early-reuse"},
	{"--mode RR", "--mode RR: want one of stream, rr; did you mean 'rr'?"},
	{"--mode fast", "--mode fast: want one of stream, rr"},
	{"--path eth0", "--path eth0: want lo, veth, nic:A,B or netns:A,B"},
	{"--path nick:a,b",
	 "--path nick:a,b: want lo, veth, nic:A,B or netns:A,B; did you mean 'nic:'?"},
	{"--path vet", "--path vet: want lo, veth, nic:A,B or netns:A,B; did you mean 'veth'?"},
	{"--path nic:eth1", "--path nic:eth1: want two interfaces, such as nic:a,b"},
	{"--path nic:a,b,c", "--path nic:a,b,c: want two interfaces, such as nic:a,b"},
	{"--path nic:,b", "--path nic:,b: want two interfaces, such as nic:a,b"},
	{"--path nic:0123456789abcdef,b",
	 "--path nic:0123456789abcdef,b: want two interfaces, such as nic:a,b"},
	{"--path nic:a,a", "--path nic:a,a: want two different interfaces"},
	{"--size 8 --size 9", "--size is given twice; want it once"},
	{"--json --json", "--json is given twice; want it once"},
	{"--repeat 3 --repeat-max 2", "--repeat-max 2: want at least --repeat 3"},
	{"--precision 0", "--precision 0: want a percentage above 0 and up to 100, such as 5%"},
	{"--warm-up -1", "--warm-up -1: want seconds from 0 to 3600, such as 0.5"},
	{"--resume d --size 8",
	 "--resume: the options given at first apply; want no other option but --json, --rows "
	 "and --verbose"},
	{"--bogus", "unknown option '--bogus'; harness run --help lists the options"},
	{"--trasnport all", "unknown option '--trasnport'; did you mean '--transport'?"},
	{"--atach=auto", "unknown option '--atach'; did you mean '--attach'?"},
	{"--se 1", "ambiguous option '--se'; want one of --seconds, --seed"},
	{"--json -x", "unknown option '-x'; harness run --help lists the options"},
	{"--json -xy", "unknown option '-xy'; harness run --help lists the options"},
	{"--json=yes", "--json=yes: --json takes no value"},
	{"--json --size", "--size: want a value: --size LIST"},
	{"--json out", "unexpected word 'out'; want harness run [OPTION...]"},
};

static void test_bad_lines(void **state)
{
	char printed[4096], wanted[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
		snprintf(wanted, sizeof(wanted), "harness: %s\n", bad_lines[i].printed);
		assert_int_equal(
			parse_capturing(bad_lines[i].line, stderr, printed, sizeof(printed)),
			-EINVAL);
		assert_string_equal(printed, wanted);
	}
}

static void test_repeats(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse("", &options), 0);
	assert_int_equal(options.repeat_max, 1);
	assert_false(options.baseline_runs || options.shuffle);
	assert_true(options.warm_up == 0);
	assert_int_equal(parse("--repeat 3 --precision 2.5%", &options), 0);
	assert_int_equal(options.repeat_max, REPEAT_MAX_DEFAULT);
	assert_true(options.precision == 0.025);
	assert_true(options.shuffle);
	assert_int_equal(parse("--repeat-max 9 --seed 7", &options), 0);
	assert_true(options.precision == 0.05);
	assert_int_equal(options.seed, 7);
}

/* --out adds what is needed to believe its runs. */
static void test_out(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse("--out d --seconds 1", &options), 0);
	assert_string_equal(options.out, "d");
	assert_true(options.baseline_runs && options.shuffle);
	assert_true(options.warm_up == WARM_UP_DEFAULT);
	/* with --messages it adds nothing */
	assert_int_equal(parse("--out d --messages 5", &options), 0);
	assert_true(options.warm_up == 0);
	/* without probes every run is a baseline run */
	assert_int_equal(parse("--out d --trace counters", &options), 0);
	assert_false(options.baseline_runs);
}

/* The tracer has the list of methods. */
static void test_attach(void **state)
{
	char line[64], printed[256], wanted[256] = "harness: --attach magic: want one of auto";
	struct options options;

	(void)state;
	for (int method = 0; method < ATTACH_COUNT; method++) {
		snprintf(line, sizeof(line), "--attach %s", attach__name(method));
		assert_int_equal(parse(line, &options), 0);
		assert_int_equal(options.attach, method);
		if (method)
			sprintf(wanted + strlen(wanted), ", %s", attach__name(method));
	}
	strcat(wanted, "\n");
	assert_int_equal(parse_capturing("--attach magic", stderr, printed, sizeof(printed)),
			 -EINVAL);
	assert_string_equal(printed, wanted);
}

/* Old scripts use --twins. */
static void test_baseline_runs(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse("--baseline-runs", &options), 0);
	assert_true(options.baseline_runs);
	assert_int_equal(parse("--twins", &options), 0);
	assert_true(options.baseline_runs);
}

/* More items than a list can have are refused, not written past its end. */
static void test_long_list(void **state)
{
	char line[1024] = "--threads 1", printed[256];

	(void)state;
	for (int i = 2; i <= LIST_MAX + 1; i++)
		sprintf(line + strlen(line), ",%d", i);
	assert_int_equal(parse_capturing(line, stderr, printed, sizeof(printed)), -EINVAL);
	assert_string_equal(printed, "harness: --threads: want at most 64 items\n");
}

static void test_help(void **state)
{
	char printed[16384];

	(void)state;
	assert_int_equal(parse_capturing("--help", stdout, printed, sizeof(printed)), 1);
	assert_non_null(strstr(printed, "Usage: harness run [OPTION...]"));
	for (size_t i = 0; senders[i]; i++)
		assert_non_null(strstr(printed, senders[i]->name));
	for (size_t i = 0; receivers[i]; i++)
		assert_non_null(strstr(printed, receivers[i]->name));
	assert_null(strstr(printed, "inject"));
	assert_null(strstr(printed, "twins"));
	/* what follows is not read */
	assert_int_equal(parse_capturing("-h --size 0", stdout, printed, sizeof(printed)), 1);
}

static void test_version(void **state)
{
	char printed[256];

	(void)state;
	assert_int_equal(parse_capturing("--version", stdout, printed, sizeof(printed)), 1);
	assert_memory_equal(printed, "harness ", 8);
	assert_int_equal(printed[strlen(printed) - 1], '\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults), cmocka_unit_test(test_everything),
		cmocka_unit_test(test_words),	 cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_repeats),	 cmocka_unit_test(test_out),
		cmocka_unit_test(test_attach),	 cmocka_unit_test(test_long_list),
		cmocka_unit_test(test_help),	 cmocka_unit_test(test_baseline_runs),
		cmocka_unit_test(test_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
