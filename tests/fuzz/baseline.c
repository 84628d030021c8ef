// SPDX-License-Identifier: GPL-2.0
/* --baseline: no row is worse than itself. */
#include <stdint.h>
#include <stdlib.h>

#include "watch/baseline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct baseline baseline = {.tolerance = 1};
	struct rulings rulings = {};

	if (!baseline__parse(&baseline, (const char *)data, size, "baseline.json"))
		baseline__judge(&baseline, baseline.row, &rulings);
	if (rulings__unmet(&rulings))
		abort();
	rulings__free(&rulings);
	baseline__free(&baseline);
	return 0;
}
