// SPDX-License-Identifier: GPL-2.0
/* How often is a byte copied on its way over TCP? */
#include "options.h"
#include "session.h"

int main(int argc, char **argv)
{
	struct options options;
	int done = options__parse(argc, argv, &options);

	if (done)
		return done < 0 ? EXIT_USAGE : EXIT_VALID;
	return session__run(&options);
}
