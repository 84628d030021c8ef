// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <sys/param.h>

#include "base/exit_status.h"
#include "host/environment.h"
#include "output/json.h"
#include "run/session_parts.h"

#define ARGUMENTS_MAX 256 /* words of a command line */

/* Runs of different machines, kernels or versions are no repeats of one another. */
static int archive__compare(const struct archive *archive)
{
	static const char *const keys[] = {"kernel", "machine", "cpu", "harness"};
	json_t *here = environment__json();
	int err = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !err; i++) {
		const json_t *then = json__at(archive->environment, keys[i]);
		const json_t *now = json__at(here, keys[i]);

		if (json_equal(then, now))
			continue;
		fprintf(stderr, "harness: --resume %s: its %s is %s, and here it is %s\n",
			archive->name, keys[i], json_string_value(then) ?: "unknown",
			json_string_value(now) ?: "unknown");
		err = -EINVAL;
	}
	json_decref(here);
	return err;
}

/* The options of the command line that created the archive, with the output options of this one. */
static int archive__options(const struct archive *archive, const struct options *asked, char **argv,
			    struct options *options)
{
	const json_t *words = json__at(archive->environment, "arguments");
	size_t count = MIN(json_array_size(words), ARGUMENTS_MAX), texts = 0;
	int err;

	while (texts < count && json_is_string(json_array_get(words, texts))) {
		argv[texts] = (char *)json_string_value(json_array_get(words, texts));
		texts++;
	}
	err = count && texts == count ? options__parse(count, argv, options) : -EINVAL;
	if (err || !options->out || options->resume) {
		fprintf(stderr,
			"harness: --resume %s: environment.json does not say how it was made\n",
			archive->name);
		return -EINVAL;
	}
	options->seed = json_integer_value(json__at(archive->environment, "seed"));
	options->json = asked->json;
	options->rows = asked->rows;
	options->verbose = asked->verbose;
	return 0;
}

int session__resume(const struct options *asked)
{
	char *argv[ARGUMENTS_MAX + 1] = {};
	struct options options;
	struct archive archive;
	int status = EXIT_USAGE;

	if (archive__resume(&archive, asked->resume))
		return EXIT_USAGE;
	if (!archive__compare(&archive) && !archive__options(&archive, asked, argv, &options))
		status = session__run_in(&options, &archive);
	archive__close(&archive);
	return status;
}
