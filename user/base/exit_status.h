/* SPDX-License-Identifier: GPL-2.0 */
/* The exit status of every command. */
#ifndef HARNESS_EXIT_STATUS_H
#define HARNESS_EXIT_STATUS_H

enum exit_status {
	EXIT_VALID = 0,
	EXIT_INVALID = 1, /* a run failed or is invalid */
	EXIT_USAGE = 2,
	EXIT_UNMET = 3,	       /* watch: --expect or --baseline is not met */
	EXIT_CANNOT = 77,      /* this kernel, or this user, cannot give what was asked for */
	EXIT_NO_COMMAND = 127, /* watch: the command could not be started */
	EXIT_SIGNAL = 128,     /* plus the number of the signal: 130 for Ctrl-C */
};

#endif
