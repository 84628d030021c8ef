/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands' option tables have in common: one clear line about what is wrong. */
#ifndef HARNESS_ARGUMENTS_H
#define HARNESS_ARGUMENTS_H

#include <argp.h>

/* "harness: ..." on stderr, the newline added. Always -EINVAL. */
int arguments__bad(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * The same about an option that argp itself could not take, in its ARGP_KEY_ERROR. It does not say
 * which, but has just gone past it. `command` is what --help follows, "harness doctor".
 */
int arguments__bad_option(const struct argp_state *state, const struct argp_option *table,
			  const char *command);

#endif
