// SPDX-License-Identifier: GPL-2.0
#include "traffic/completions.h"

#include <errno.h>

static bool *completions__early(struct completions *completions, uint64_t number)
{
	return &completions->early[number % COMPLETIONS_WINDOW];
}

void completions__add(struct completions *completions)
{
	completions->sent++;
}

unsigned int completions__in_flight(const struct completions *completions)
{
	return completions->sent - completions->finished;
}

bool completions__full(const struct completions *completions)
{
	return completions__in_flight(completions) == COMPLETIONS_WINDOW;
}

int completions__finish(struct completions *completions, uint32_t first, uint32_t last)
{
	/*
	 * The number in 64 bits: its 32-bit distance from the oldest send in flight. The window is
	 * far smaller than 2^32, so an older number is far outside it.
	 */
	uint64_t start =
		completions->finished + (uint32_t)(first - (uint32_t)completions->finished);
	uint64_t end = start + (uint32_t)(last - first) + 1;

	if (end > completions->sent)
		return -EPROTO;
	for (uint64_t number = start; number < end; number++)
		if (*completions__early(completions, number))
			return -EPROTO;

	for (uint64_t number = start; number < end; number++)
		*completions__early(completions, number) = true;
	while (*completions__early(completions, completions->finished)) {
		*completions__early(completions, completions->finished) = false;
		completions->finished++;
	}
	return end - start;
}
