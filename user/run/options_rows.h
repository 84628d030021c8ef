/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The options of run alone: their keys, and the function that takes a value. Only for
 * run/options*.c.
 */
#ifndef HARNESS_OPTIONS_ROWS_H
#define HARNESS_OPTIONS_ROWS_H

#include "output/common_options.h"
#include "run/options.h"

enum run_key {
	KEY_TRACE = COMMON_KEY_END,
	KEY_TRANSPORT,
	KEY_SIZE,
	KEY_THREADS,
	KEY_PATH,
	KEY_MODE,
	KEY_PORT,
	KEY_SECONDS,
	KEY_MESSAGES,
	KEY_REPEAT,
	KEY_REPEAT_MAX,
	KEY_PRECISION,
	KEY_BASELINE_RUNS,
	KEY_WARM_UP,
	KEY_SEED,
	KEY_CPUS,
	KEY_VERIFY,
	KEY_PROVE,
	KEY_ROWS,
	KEY_TIME,
	KEY_TIMESTAMPS,
	KEY_INJECT,
	KEY_OUT,
	KEY_RESUME,
};

/* As the `take` of an argument_group; `input` is a struct options. */
int options__take(void *input, int key, const char *value);

unsigned int trace__all(void);

#endif
