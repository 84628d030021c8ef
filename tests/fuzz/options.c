// SPDX-License-Identifier: GPL-2.0
/* The command lines of run, watch and doctor: a word a line, the first is the command. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/doctor_options.h"
#include "run/options.h"
#include "watch/watch_options.h"

#define WORDS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *argv[WORDS + 1] = {}, *text = calloc(1, size + 1), *rest = text;
	struct doctor_options doctor;
	struct watch_options watch;
	struct options run;
	int argc = 0;

	memcpy(text, data, size);
	while (argc < WORDS && rest)
		argv[argc++] = strsep(&rest, "\n");
	if (!strcmp(argv[0], "watch"))
		watch_options__parse(argc, argv, &watch);
	else if (!strcmp(argv[0], "doctor"))
		doctor_options__parse(argc, argv, &doctor);
	else
		options__parse(argc, argv, &run);
	free(text);
	return 0;
}
