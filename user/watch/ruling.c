// SPDX-License-Identifier: GPL-2.0
#include "watch/ruling.h"

#include <errno.h>
#include <stdlib.h>

void rulings__add(struct rulings *rulings, const struct ruling *ruling)
{
	struct ruling *more =
		reallocarray(rulings->each, rulings->count + 1, sizeof(*rulings->each));

	if (!more) {
		rulings->err = -ENOMEM;
		return;
	}
	rulings->each = more;
	rulings->each[rulings->count++] = *ruling;
}

size_t rulings__unmet(const struct rulings *rulings)
{
	size_t unmet = 0;

	for (size_t i = 0; i < rulings->count; i++)
		unmet += rulings->each[i].outcome == RULING_UNMET;
	return unmet;
}

void rulings__print(const struct rulings *rulings, FILE *stream)
{
	for (size_t i = 0; i < rulings->count; i++) {
		const struct ruling *ruling = &rulings->each[i];

		if (ruling->outcome == RULING_UNMET)
			fprintf(stream, "harness: expected %s, but it is %s%s%s\n",
				ruling->expected, ruling->found, *ruling->cause ? ": " : "",
				ruling->cause);
	}
}

void rulings__free(struct rulings *rulings)
{
	free(rulings->each);
	*rulings = (struct rulings){};
}
