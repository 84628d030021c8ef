// SPDX-License-Identifier: GPL-2.0
#include "output/json_input.h"

#include <stdio.h>

#include "base/text.h"

json_t *json_input__object(const char *text, size_t length, const char *what, unsigned int first)
{
	json_error_t error;
	json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);

	if (json_is_object(json))
		return json;
	/* the error quotes the text, which may have control characters */
	text__clean(error.text);
	if (json)
		fprintf(stderr, "harness: %s:%u: want an object\n", what, first);
	else
		fprintf(stderr, "harness: %s:%u: %s\n", what,
			first + (error.line > 0 ? error.line : 1) - 1, error.text);
	json_decref(json);
	return NULL;
}

bool json_input__is_count(const json_t *value)
{
	return json_is_null(value) || (json_is_number(value) && json_number_value(value) >= 0);
}
