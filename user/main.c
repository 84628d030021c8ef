// SPDX-License-Identifier: GPL-2.0
/* How often is a byte copied on its way over TCP? The commands that answer. */
#include "base/command.h"
#include "base/exit_status.h"
#include "doctor/doctor.h"
#include "doctor/doctor_options.h"
#include "run/analysis.h"
#include "run/options.h"
#include "run/session.h"
#include "watch/watch.h"
#include "watch/watch_options.h"

static int run(int argc, char **argv)
{
	struct options options;
	int done = options__parse(argc, argv, &options);

	if (done)
		return done < 0 ? EXIT_USAGE : EXIT_VALID;
	return session__run(&options);
}

static int advise(int argc, char **argv)
{
	struct options options;
	int done = options__parse_advise(argc, argv, &options);

	if (done)
		return done < 0 ? EXIT_USAGE : EXIT_VALID;
	return session__run(&options);
}

/* The first is the one that runs without a name. */
static const struct command commands[] = {
	{"run", "the bytes of every copy site, for each TCP transport (the default)", run,
	 &run_argp, options__choices},
	{"advise", "which transport copies least, costs least and is fastest here", advise,
	 &advise_argp, options__choices},
	{"doctor", "what this kernel allows: how each site is counted, and what is missing",
	 doctor__command, &doctor_argp, doctor_options__choices},
	{"watch", "the same ledger for a program of yours, a process or a control group",
	 watch__main, &watch_argp, watch_options__choices},
	{"verify", "each claim of the reports: confirmed, refuted or not testable here",
	 analysis__verify, NULL, NULL},
	{"report", "pictures and a page from the results of runs", analysis__report, NULL, NULL},
	{},
};

int main(int argc, char **argv)
{
	return command__main(commands, argc, argv);
}
