// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/owned.h"
#include "output/csv.h"
#include "output/json.h"
#include "output/json_input.h"
#include "run/archive.h"
#include "run/archive_lines.h"
#include "run/summary.h"

#define ENVIRONMENT "environment.json"
#define LINES	    "runs.jsonl"
#define ROWS	    "results.csv"
#define SUMMARY	    "summary.json"
#define PROOFS	    "proofs.json"
#define TABLE	    "summary.csv"

static int archive__complain(const struct archive *archive, const char *file, int err)
{
	fprintf(stderr, "harness: %s/%s: %s%s\n", archive->name, file, owned__strerror(err),
		err == -ENOSPC || err == -EDQUOT || err == -EFBIG
			? "; every run before is complete there: make room, then --resume"
			: "");
	return err;
}

/* Opens the directory and locks it. */
static int archive__enter(struct archive *archive, const char *name, bool create)
{
	int err;

	*archive = (struct archive)ARCHIVE_CLOSED;
	archive->name = name;
	archive->dir_fd = owned__directory(name, create);
	if (archive->dir_fd >= 0 && !flock(archive->dir_fd, LOCK_EX | LOCK_NB))
		return 0;
	err = archive->dir_fd < 0 ? archive->dir_fd : -errno;
	if (err == -EWOULDBLOCK)
		fprintf(stderr, "harness: %s: another harness is writing there\n", name);
	else
		fprintf(stderr, "harness: %s: %s\n", name, owned__strerror(err));
	archive__close(archive);
	return err;
}

static int archive__open_file(const struct archive *archive, const char *file, int flags, int *fd)
{
	*fd = owned__open_at(archive->dir_fd, file, O_RDWR | O_APPEND | flags);
	return *fd < 0 ? archive__complain(archive, file, *fd) : 0;
}

static int write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t written = TEMP_FAILURE_RETRY(write(fd, text, length));

		if (written < 0)
			return -errno;
		text += written;
		length -= written;
	}
	return 0;
}

/* Writes all of the text to the disk, or restores the file. */
static int file__append(int fd, const char *text)
{
	off_t before = lseek(fd, 0, SEEK_END);
	int err = write_all(fd, text, strlen(text));

	if (!err && fsync(fd))
		err = -errno;
	/* truncating a file needs no room */
	if (err && ftruncate(fd, before))
		return -errno;
	return err;
}

/* Writes a whole file under another name, and renames it when its data are on the disk. */
static int archive__replace(const struct archive *archive, const char *file, const char *text)
{
	char new[64];
	int fd, err;

	snprintf(new, sizeof(new), ".%s.new", file);
	unlinkat(archive->dir_fd, new, 0); /* left by a crash */
	err = archive__open_file(archive, new, O_CREAT | O_EXCL, &fd);
	if (err)
		return err;
	err = text ? file__append(fd, text) : -ENOMEM;
	close(fd);
	if (!err && renameat(archive->dir_fd, new, archive->dir_fd, file))
		err = -errno;
	if (!err && fsync(archive->dir_fd))
		err = -errno;
	if (!err)
		return 0;
	unlinkat(archive->dir_fd, new, 0);
	return archive__complain(archive, file, err);
}

int archive__create(struct archive *archive, const char *name)
{
	int err = archive__enter(archive, name, true);

	if (err)
		return err;
	if (!faccessat(archive->dir_fd, LINES, F_OK, AT_SYMLINK_NOFOLLOW) ||
	    !faccessat(archive->dir_fd, ROWS, F_OK, AT_SYMLINK_NOFOLLOW)) {
		fprintf(stderr,
			"harness: --out %s: holds results already; --resume goes on with them, or "
			"name another directory\n",
			name);
		err = -EEXIST;
	}
	archive->runs = json_array();
	if (err)
		archive__close(archive);
	return err;
}

static int archive__start_files(struct archive *archive)
{
	char *header = csv__header();
	int err;

	err = archive__replace(archive, ROWS, header);
	free(header);
	if (!err)
		err = archive__open_file(archive, ROWS, 0, &archive->rows_fd);
	if (!err)
		err = archive__open_file(archive, LINES, O_CREAT | O_EXCL, &archive->lines_fd);
	return err;
}

int archive__describe(struct archive *archive, json_t *environment)
{
	char *text = json_dumps(environment, JSON_INDENT(2) | JSON_REAL_PRECISION(JSON_DIGITS));
	int err;

	archive->environment = environment;
	err = archive__replace(archive, ENVIRONMENT, text);
	free(text);
	return err ? err : archive__start_files(archive);
}

static int archive__read(const struct archive *archive, const char *file, int fd,
			 struct input *input)
{
	int err = input__read(fd, input);

	if (err)
		fprintf(stderr, "harness: %s/%s: %s\n", archive->name, file, input__strerror(err));
	return err;
}

/* A crash may leave a line without an end. */
static int archive__drop_torn_line(const struct archive *archive, const char *file, int fd,
				   struct input *input)
{
	const char *end = memrchr(input->text, '\n', input->length);
	size_t whole = end ? end + 1 - input->text : 0;

	if (whole == input->length)
		return 0;
	fprintf(stderr, "harness: %s/%s: its last line is incomplete and is dropped\n",
		archive->name, file);
	input->length = whole;
	input->text[whole] = '\0';
	return ftruncate(fd, whole) ? archive__complain(archive, file, -errno) : 0;
}

static int archive__read_lines(struct archive *archive)
{
	struct input input;
	char file[512];
	int err;

	err = archive__open_file(archive, LINES, O_CREAT, &archive->lines_fd);
	if (!err)
		err = archive__read(archive, LINES, archive->lines_fd, &input);
	if (err)
		return err;
	err = archive__drop_torn_line(archive, LINES, archive->lines_fd, &input);
	if (!err) {
		snprintf(file, sizeof(file), "%s/%s", archive->name, LINES);
		archive->runs = archive_lines__parse(input.text, input.length, file);
		err = archive->runs ? 0 : -EINVAL;
	}
	input__free(&input);
	return err;
}

/* The rows that follow from the lines of runs.jsonl, which are written first. */
static char *archive__expected_rows(const struct archive *archive)
{
	char *text = NULL, *row = csv__header();
	size_t size, i;
	FILE *rows = open_memstream(&text, &size);
	json_t *run;

	if (!rows)
		return NULL;
	fputs(row ?: "", rows);
	free(row);
	json_array_foreach (archive->runs, i, run) {
		row = csv__row(run);
		fputs(row ?: "", rows);
		free(row);
	}
	return fclose(rows) ? NULL : text;
}

static int archive__restore_rows(struct archive *archive)
{
	char *expected = archive__expected_rows(archive);
	struct input found = {};
	int err;

	err = expected ? archive__open_file(archive, ROWS, O_CREAT, &archive->rows_fd) : -ENOMEM;
	if (!err)
		err = archive__read(archive, ROWS, archive->rows_fd, &found);
	if (!err)
		err = archive__drop_torn_line(archive, ROWS, archive->rows_fd, &found);
	if (!err &&
	    (found.length != strlen(expected) || memcmp(found.text, expected, found.length))) {
		close(archive->rows_fd);
		archive->rows_fd = -1;
		err = archive__replace(archive, ROWS, expected);
		if (!err)
			err = archive__open_file(archive, ROWS, 0, &archive->rows_fd);
	}
	input__free(&found);
	free(expected);
	return err;
}

/* Reads a document that is an object. */
static int archive__read_document(const struct archive *archive, const char *file,
				  json_t **document)
{
	struct input input;
	char name[512];
	int fd, err;

	err = archive__open_file(archive, file, 0, &fd);
	if (err)
		return err;
	err = archive__read(archive, file, fd, &input);
	close(fd);
	if (err)
		return err;
	snprintf(name, sizeof(name), "%s/%s", archive->name, file);
	*document = json_input__object(input.text, input.length, name, 1);
	input__free(&input);
	return *document ? 0 : -EINVAL;
}

static int archive__read_proofs(struct archive *archive)
{
	int err;

	if (faccessat(archive->dir_fd, PROOFS, F_OK, AT_SYMLINK_NOFOLLOW))
		return 0;
	err = archive__read_document(archive, PROOFS, &archive->proofs);
	if (err || (json_is_array(json_object_get(archive->proofs, "proofs")) &&
		    json_is_array(json_object_get(archive->proofs, "user_memcpy_check"))))
		return err;
	fprintf(stderr, "harness: %s/%s: 'proofs' and 'user_memcpy_check' must be lists\n",
		archive->name, PROOFS);
	return -EINVAL;
}

int archive__resume(struct archive *archive, const char *name)
{
	int err;

	err = archive__enter(archive, name, false);
	if (err)
		return err;
	err = archive__read_document(archive, ENVIRONMENT, &archive->environment);
	if (!err)
		err = archive__read_proofs(archive);
	if (!err)
		err = archive__read_lines(archive);
	if (!err)
		err = archive__restore_rows(archive);
	if (err)
		archive__close(archive);
	return err;
}

int archive__add(struct archive *archive, json_t *run)
{
	char *line = json_dumps(run, JSON_COMPACT | JSON_REAL_PRECISION(JSON_DIGITS));
	char *row = csv__row(run), *ended = NULL;
	off_t before = lseek(archive->lines_fd, 0, SEEK_END);
	const char *file = LINES;
	int err = -ENOMEM;

	if (line && row && asprintf(&ended, "%s\n", line) >= 0)
		err = file__append(archive->lines_fd, ended);
	if (!err) {
		file = ROWS;
		err = file__append(archive->rows_fd, row);
		if (err && ftruncate(archive->lines_fd, before))
			err = -errno;
	}
	if (err)
		archive__complain(archive, file, err);
	else
		json_array_append(archive->runs, run);
	json_decref(run);
	free(ended);
	free(line);
	free(row);
	return err;
}

int archive__add_proofs(struct archive *archive, const json_t *proofs, const json_t *checks)
{
	char *text;
	int err;

	if (!archive->proofs)
		archive->proofs = json_pack("{s:s, s:[], s:[]}", "schema", "harness.proofs/1",
					    "proofs", "user_memcpy_check");
	json_array_extend(json_object_get(archive->proofs, "proofs"), (json_t *)proofs);
	json_array_extend(json_object_get(archive->proofs, "user_memcpy_check"), (json_t *)checks);
	text = json_dumps(archive->proofs, JSON_INDENT(2));
	err = archive__replace(archive, PROOFS, text);
	free(text);
	return err;
}

int archive__summarize(struct archive *archive)
{
	json_t *summary = summary__json(archive->runs);
	char *text = json_dumps(summary, JSON_INDENT(2) | JSON_REAL_PRECISION(JSON_DIGITS));
	char *table = summary__csv(summary);
	int err;

	err = archive__replace(archive, SUMMARY, text);
	if (!err)
		err = archive__replace(archive, TABLE, table);
	json_decref(summary);
	free(text);
	free(table);
	return err;
}

void archive__close(struct archive *archive)
{
	int *const files[] = {&archive->lines_fd, &archive->rows_fd, &archive->dir_fd};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (*files[i] >= 0)
			close(*files[i]);
		*files[i] = -1;
	}
	json_decref(archive->environment);
	json_decref(archive->runs);
	json_decref(archive->proofs);
	archive->proofs = NULL;
	archive->environment = NULL;
	archive->runs = NULL;
}
