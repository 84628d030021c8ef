/* SPDX-License-Identifier: GPL-2.0 */
/* Reads JSON from files of the user. An error is one line on stderr with file and line. */
#ifndef HARNESS_JSON_INPUT_H
#define HARNESS_JSON_INPUT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/input.h"

/* An object, or NULL with a line "harness: WHAT: ..."; `first` is the number of the text's line. */
json_t *json_input__object(const char *text, size_t length, const char *what, unsigned int first);

/* A number that is not below 0, or null. */
bool json_input__is_count(const json_t *value);

#endif
