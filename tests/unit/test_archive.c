// SPDX-License-Identifier: GPL-2.0
/* The files of a session: whole, and continued whatever state they are in. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/archive.h"
#include "output/csv.h"
#include "output/json.h"

static char directory[64];
static int stderr_fd = -1;

static int make_directory(void **state)
{
	int nowhere = open("/dev/null", O_WRONLY);

	(void)state;
	strcpy(directory, "/tmp/harness-archive-XXXXXX");
	stderr_fd = dup(STDERR_FILENO);
	dup2(nowhere, STDERR_FILENO);
	close(nowhere);
	return !mkdtemp(directory);
}

static int remove_directory(void **state)
{
	char command[128];

	(void)state;
	dup2(stderr_fd, STDERR_FILENO);
	close(stderr_fd);
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command);
}

static const char *in_directory(const char *file)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	return path;
}

/* Contents of a file; the caller frees them. */
static char *contents(const char *file)
{
	FILE *stream = fopen(in_directory(file), "r");
	char *text = calloc(1, 1 << 16);

	assert_non_null(stream);
	assert_true(fread(text, 1, (1 << 16) - 1, stream) > 0 || feof(stream));
	fclose(stream);
	return text;
}

static void assert_contents(const char *file, const char *wanted)
{
	char *text = contents(file);

	assert_string_equal(text, wanted);
	free(text);
}

static void cut(const char *file, int bytes)
{
	struct stat status;

	assert_int_equal(stat(in_directory(file), &status), 0);
	assert_int_equal(truncate(in_directory(file), status.st_size - bytes), 0);
}

static json_t *run(int number)
{
	return json_pack("{s:s, s:s, s:i, s:i, s:i, s:b, s:n, s:[]}", "transport", "one_copy",
			 "path", "lo", "message_bytes", number, "threads", 1, "repeat", 1, "valid",
			 1, "throughput_gbps", "traced");
}

#define LINE(number)                                                                               \
	"{\"transport\":\"one_copy\",\"path\":\"lo\",\"message_bytes\":" number                    \
	",\"threads\":1,\"repeat\":1,\"valid\":true,\"throughput_gbps\":null,\"traced\":[]}\n"

/* The expected rows of runs 1 to `count`. */
static char *rows_of(int count)
{
	char *text = NULL, *line = csv__header();
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	fputs(line, stream);
	free(line);
	for (int i = 1; i <= count; i++) {
		json_t *each = run(i);

		line = csv__row(each);
		fputs(line, stream);
		free(line);
		json_decref(each);
	}
	fclose(stream);
	return text;
}

static void write_runs(struct archive *archive, int from, int to)
{
	for (int i = from; i <= to; i++)
		assert_int_equal(archive__add(archive, run(i)), 0);
}

static void create(int count)
{
	struct archive archive;

	assert_int_equal(archive__create(&archive, directory), 0);
	assert_int_equal(archive__describe(&archive, json_pack("{s:s}", "kernel", "6")), 0);
	write_runs(&archive, 1, count);
	archive__close(&archive);
}

/*
 * Continues a session that must have `found` runs, up to `to`; then all must be there, once and in
 * order.
 */
static void resume(int found, int to)
{
	struct archive archive;
	char *rows = rows_of(to);

	assert_int_equal(archive__resume(&archive, directory), 0);
	assert_int_equal(json_array_size(archive.runs), found);
	assert_string_equal(json_string_value(json__at(archive.environment, "kernel")), "6");
	write_runs(&archive, found + 1, to);
	archive__close(&archive);
	assert_contents("results.csv", rows);
	free(rows);
}

static void test_lines_and_rows(void **state)
{
	(void)state;
	create(2);
	assert_contents("runs.jsonl", LINE("1") LINE("2"));
	resume(2, 4);
	resume(4, 4);
}

static void test_nothing_is_written_over(void **state)
{
	struct archive archive;

	(void)state;
	create(1);
	assert_int_equal(archive__create(&archive, directory), -EEXIST);
	assert_int_equal(archive.dir_fd, -1);
	resume(1, 1);
}

static void test_one_at_a_time(void **state)
{
	struct archive first, second;

	(void)state;
	create(1);
	assert_int_equal(archive__resume(&first, directory), 0);
	assert_int_equal(archive__resume(&second, directory), -EWOULDBLOCK);
	archive__close(&first);
	resume(1, 2);
}

static void test_torn_line(void **state)
{
	(void)state;
	create(3);
	cut("runs.jsonl", 5);
	resume(2, 3); /* its row is removed too */
	cut("runs.jsonl", 1);
	resume(2, 3);
}

static void test_torn_and_lost_rows(void **state)
{
	(void)state;
	create(3);
	cut("results.csv", 4);
	resume(3, 3);
	assert_int_equal(unlink(in_directory("results.csv")), 0);
	resume(3, 4);
}

/* Killed between environment.json and the first run. */
static void test_before_the_first_run(void **state)
{
	(void)state;
	create(0);
	assert_int_equal(unlink(in_directory("runs.jsonl")), 0);
	assert_int_equal(unlink(in_directory("results.csv")), 0);
	resume(0, 2);
}

static void test_not_a_run(void **state)
{
	struct archive archive;
	FILE *stream;

	(void)state;
	create(2);
	stream = fopen(in_directory("runs.jsonl"), "a");
	fputs("[1]\n", stream);
	fclose(stream);
	assert_int_equal(archive__resume(&archive, directory), -EINVAL);
	assert_int_equal(archive.dir_fd, -1);
}

static void test_nothing_to_go_on_with(void **state)
{
	struct archive archive;

	(void)state;
	assert_int_equal(archive__resume(&archive, directory), -ENOENT);
	assert_int_equal(archive__resume(&archive, in_directory("none")), -ENOENT);
}

static void test_summary_is_written(void **state)
{
	struct archive archive;
	char *text;

	(void)state;
	create(2);
	assert_int_equal(archive__resume(&archive, directory), 0);
	assert_int_equal(archive__summarize(&archive), 0);
	archive__close(&archive);
	text = contents("summary.csv");
	assert_memory_equal(text, "implementation,", 15);
	free(text);
	/* no partial file under another name */
	assert_int_equal(access(in_directory(".summary.csv.new"), F_OK), -1);
}

/* The proofs of a session are added to earlier ones. */
static void test_proofs_are_kept(void **state)
{
	struct archive archive;
	json_t *proofs, *checks, *kept;

	(void)state;
	create(1);
	for (int session = 0; session < 2; session++) {
		proofs = json_pack("[{s:i}]", "number", session);
		checks = json_pack("[{s:i}]", "check", session);
		assert_int_equal(archive__resume(&archive, directory), 0);
		assert_int_equal(archive__add_proofs(&archive, proofs, checks), 0);
		archive__close(&archive);
		json_decref(proofs);
		json_decref(checks);
	}
	assert_int_equal(archive__resume(&archive, directory), 0);
	kept = json_pack("{s:s, s:[{s:i}, {s:i}], s:[{s:i}, {s:i}]}", "schema", "harness.proofs/1",
			 "proofs", "number", 0, "number", 1, "user_memcpy_check", "check", 0,
			 "check", 1);
	assert_true(json_equal(archive.proofs, kept));
	json_decref(kept);
	archive__close(&archive);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lines_and_rows),     TEST(test_nothing_is_written_over),
		TEST(test_one_at_a_time),      TEST(test_torn_line),
		TEST(test_torn_and_lost_rows), TEST(test_before_the_first_run),
		TEST(test_not_a_run),	       TEST(test_nothing_to_go_on_with),
		TEST(test_summary_is_written), TEST(test_proofs_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
