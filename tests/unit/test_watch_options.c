// SPDX-License-Identifier: GPL-2.0
/* The command line of `harness watch`. */
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
#include "tracer/rows.h"
#include "watch/watch_options.h"

static struct words typed; /* options point into it */

static int parse(const char *line, struct watch_options *options)
{
	words__split(&typed, "watch", line);
	return watch_options__parse(typed.argc, typed.argv, options);
}

/* Parses a line; `printed` gets what it writes to `stream`. */
static int parse_capturing(const char *line, FILE *stream, char *printed, size_t size)
{
	struct capture capture = capture__begin(stream);
	struct watch_options options;
	int err = parse(line, &options);

	capture__end(&capture, printed, size);
	return err;
}

static void test_a_command_is_not_looked_into(void **state)
{
	struct watch_options options;

	(void)state;
	assert_int_equal(parse("--json --seconds 2.5 -- curl --json --all -x", &options), 0);
	assert_true(options.common.json && !options.all && !options.time);
	assert_true(options.seconds == 2.5 && options.interval == 0);
	assert_string_equal(options.command[0], "curl");
	assert_string_equal(options.command[1], "--json");
	assert_string_equal(options.command[3], "-x");
	assert_false(options.exit_with_command);
	assert_int_equal(options.ready_fd, 0);
	assert_null(options.command[4]);
	assert_int_equal(options.by, BY_NOTHING);
	assert_int_equal(options.rows, ROWS_DEFAULT);
	assert_int_equal(options.common.attach, ATTACH_AUTO);
}

static void test_everything(void **state)
{
	struct watch_options options;

	(void)state;
	assert_int_equal(
		parse("--pid 17 --by socket --interval 0.5 --count 3 --time --attach kprobe "
		      "--without a,b --btf f --map-entries 10 --rows 20 --output o "
		      "--verbose",
		      &options),
		0);
	assert_int_equal(options.pid_count, 1);
	assert_int_equal(options.pid[0], 17);
	assert_false(options.no_children);
	assert_int_equal(options.by, BY_SOCKET);
	assert_true(options.interval == 0.5 && options.count == 3 && options.time);
	assert_int_equal(options.common.attach, ATTACH_KPROBE);
	assert_string_equal(options.common.without, "a,b");
	assert_string_equal(options.common.btf_path, "f");
	assert_int_equal(options.common.map_entries, 10);
	assert_int_equal(options.rows, 20);
	assert_string_equal(options.output, "o");
	assert_true(options.common.verbose);
	assert_null(options.command);
}

static void test_for_scripts(void **state)
{
	struct watch_options options;

	(void)state;
	assert_int_equal(parse("--ready-fd 3 --exit-with-command -- true", &options), 0);
	assert_int_equal(options.ready_fd, 3);
	assert_true(options.exit_with_command);
	assert_int_equal(
		parse("--pid 3,4 --no-children --expect deferred_copy<=2,residual==0", &options),
		0);
	assert_int_equal(options.pid_count, 2);
	assert_int_equal(options.pid[1], 4);
	assert_true(options.no_children);
	assert_int_equal(options.expect.count, 2);
	assert_true(options.tolerance == 1 && !options.report && options.advise_above == 1);
	assert_int_equal(parse("--pid 3 --advice-above 2.5%", &options), 0);
	assert_true(options.advise_above == 2.5);
	assert_int_equal(
		parse("--pid 3 --baseline b --tolerance 0.5% --report junit:a:b", &options), 0);
	assert_string_equal(options.baseline, "b");
	assert_string_equal(options.report, "a:b");
	assert_true(options.tolerance == 0.5 && options.junit);
	assert_int_equal(parse("--pid 3 --report tap:x", &options), 0);
	assert_string_equal(options.report, "x");
	assert_false(options.junit);
}

static void test_all_has_a_row_each(void **state)
{
	struct watch_options options;

	(void)state;
	assert_int_equal(parse("--all", &options), 0);
	assert_int_equal(options.by, BY_PROCESS);
	assert_int_equal(parse("--all --by socket", &options), 0);
	assert_int_equal(options.by, BY_SOCKET);
	assert_int_equal(parse("--all --by container --port 80,443 --peer 10.0.0.0/8", &options),
			 0);
	assert_int_equal(options.by, BY_CONTAINER);
	assert_int_equal(options.filter.ports.count, 2);
	assert_int_equal(options.filter.peer_bits, 96 + 8);
	assert_true(watch_options__by_socket(&options));
	assert_int_equal(parse("--cgroup /sys/fs/cgroup", &options), 0);
	assert_int_equal(options.by, BY_NOTHING);
	assert_string_equal(options.cgroup, "/sys/fs/cgroup");
}

/* The refusal is one line on stderr that names the fault. */
static void test_refused(void **state)
{
	static const struct {
		const char *line, *names;
	} wrong[] = {
		{"", "none is given"},
		{"--all -- true", "not several"},
		{"--pid 1 --cgroup /x", "not several"},
		{"--pid 1 --comm x", "not several"},
		{"--all --no-children", "want --pid or --comm too"},
		{"--pid 1,,2", "--pid"},
		{"--pid 1,x", "--pid x"},
		{"--pid 0", "--pid 0"},
		{"--pid -1", "--pid -1"},
		{"--pid 12x", "--pid 12x"},
		{"--pid 99999999999", "--pid 99999999999"},
		{"--all --seconds 0", "--seconds 0"},
		{"--all --seconds nan", "--seconds nan"},
		{"--all --interval x", "--interval x"},
		{"--all --count 3", "want --interval too"},
		{"--all --interval 1 --count 0", "--count 0"},
		{"--all --by thread", "--by thread"},
		{"--all --by thread", "want one of process, socket, peer, cgroup, container"},
		{"--all --port 0", "--port 0"},
		{"--all --port 80,65536", "--port 65536"},
		{"--all --peer x", "--peer x"},
		{"--all --attach magic", "--attach magic"},
		{"--all --rows 1", "--rows 1"},
		{"--all --map-entries 0", "--map-entries 0"},
		{"--all --bogus", "unknown option '--bogus'"},
		{"--all --inteval 1", "did you mean '--interval'?"},
		{"--all --by sockets", "did you mean 'socket'?"},
		{"--all --ready-fd 2", "--ready-fd 2"},
		{"--all --ready-fd x", "--ready-fd x"},
		{"--all --expect residual==0", "want no --all"},
		{"--pid 1 --interval 1 --expect residual==0", "--interval"},
		{"--pid 1 --by socket --expect residual==0", "--by"},
		{"--pid 1 --expect residual", "no comparison"},
		{"--all --baseline x", "want no --all"},
		{"--pid 1 --interval 1 --report tap:x", "--interval"},
		{"--pid 1 --baseline x --tolerance 1x", "--tolerance 1x"},
		{"--pid 1 --baseline x --tolerance -1%", "--tolerance -1%"},
		{"--all --advice-above 101%", "--advice-above 101%"},
		{"--pid 1 --tolerance 1%", "want --baseline too"},
		{"--pid 1 --report x", "--report x: want tap:FILE or junit:FILE"},
		{"--pid 1 --report xunit:x", "want tap:FILE or junit:FILE"},
		{"--pid 1 --report tap:", "want tap:FILE or junit:FILE"},
		{"--all --exit-with-command", "want a command after --"},
		{"--all --all", "--all is given twice"},
		{"--pid", "--pid: want a value: --pid LIST"},
	};
	char printed[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(parse_capturing(wrong[i].line, stderr, printed, sizeof(printed)),
				 -EINVAL);
		assert_ptr_equal(strstr(printed, "harness: "), printed);
		assert_non_null(strstr(printed, wrong[i].names));
		assert_ptr_equal(strchr(printed, '\n'), printed + strlen(printed) - 1);
	}
}

static void test_help(void **state)
{
	static const char *const words[] = {"--pid",	  "--cgroup", "--all",	  "--by",
					    "--seconds",  "--count",  "--json",	  "--time",
					    "--interval", "--rows",   "--output", "127"};
	char printed[8192];

	(void)state;
	assert_int_equal(parse_capturing("--help", stdout, printed, sizeof(printed)), 1);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		assert_non_null(strstr(printed, words[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_command_is_not_looked_into),
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_for_scripts),
		cmocka_unit_test(test_all_has_a_row_each),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
