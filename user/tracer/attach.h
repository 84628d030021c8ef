/* SPDX-License-Identifier: GPL-2.0 */
/* The attach methods, and their names. */
#ifndef HARNESS_ATTACH_H
#define HARNESS_ATTACH_H

enum attach {
	ATTACH_AUTO, /* for each group of sites the first method that attaches */
	ATTACH_FENTRY,
	ATTACH_TRACEPOINT,
	ATTACH_KPROBE,
	ATTACH_COUNT
};

/* "auto", "fentry", "tracepoint", "kprobe"; never NULL. */
const char *attach__name(enum attach attach);

/* Sets *attach to the method of this name. 0, or -EINVAL: there is none. */
int attach__parse(const char *name, enum attach *attach);

#endif
