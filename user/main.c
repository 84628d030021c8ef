// SPDX-License-Identifier: GPL-2.0
/* How often is a byte copied on its way over TCP? */
#include <string.h>

#include "run/analysis.h"
#include "command.h"
#include "doctor/doctor.h"
#include "run/options.h"
#include "run/session.h"
#include "watch/watch.h"

static int run(int argc, char **argv)
{
	struct options options;
	int done = options__parse(argc, argv, &options);

	if (done)
		return done < 0 ? EXIT_USAGE : EXIT_VALID;
	return session__run(&options);
}

const struct command commands[] = {
	{"run", "the ledger of the harness's own transports (the default)", run},
	{"doctor", "what this kernel allows: each site, how it would attach, and what is missing",
	 doctor__command},
	{"watch", "the same ledger for somebody else's program", watch__main},
	{"verify", "each claim of the reports judged by runs", analysis__verify},
	{"report", "pictures and a page from a run", analysis__report},
	{},
};

int main(int argc, char **argv)
{
	for (const struct command *command = commands; argc > 1 && command->name; command++)
		if (!strcmp(argv[1], command->name))
			return command->run(argc - 1, argv + 1);
	return run(argc, argv);
}
