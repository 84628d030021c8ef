/* SPDX-License-Identifier: GPL-2.0 */
/* The attach methods, and their names. */
#ifndef HARNESS_ATTACH_H
#define HARNESS_ATTACH_H

enum attach {
	ATTACH_AUTO, /* site by site the first method that really attaches */
	ATTACH_FENTRY,
	ATTACH_TRACEPOINT,
	ATTACH_KPROBE,
	ATTACH_COUNT
};

/* "auto", "fentry", "tracepoint", "kprobe"; never NULL. */
const char *attach__name(enum attach attach);

/* A method by its name; -EINVAL if there is none of that name. */
int attach__parse(const char *name, enum attach *attach);

#endif
