// SPDX-License-Identifier: GPL-2.0
/* --expect, judged by a row that has a number, an unknown one and an object. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "watch/expectation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char row_text[] =
		"{\"sent_bytes\": 1, \"copies_per_byte\": {\"send\": 1.5, \"receive\": null},"
		"\"sites\": {\"send_copy\": {\"bytes\": 9}, \"tap_copy\": {\"bytes\": null}}}";
	struct expectations expectations;
	struct rulings rulings = {};
	char *text = calloc(1, size + 1);
	json_t *row = json_loads(row_text, 0, NULL);

	memcpy(text, data, size);
	if (!expectations__parse(&expectations, text) &&
	    !expectations__check_names(&expectations, row))
		expectations__judge(&expectations, row, &rulings);
	rulings__free(&rulings);
	json_decref(row);
	free(text);
	return 0;
}
