/* SPDX-License-Identifier: GPL-2.0 */
/* What the doctor finds out about the kernel and this process, one table row a check. */
#ifndef HARNESS_CHECKS_H
#define HARNESS_CHECKS_H

#include <stdbool.h>

#include "doctor/finding.h"

enum check_section {
	CHECK_TRACING,	/* whether and how the kernel may be traced */
	CHECK_LIMITS,	/* what bounds MSG_ZEROCOPY and the paths */
	CHECK_COUNTERS, /* perf events */
	CHECK_SECTIONS
};

extern const char *const check_titles[CHECK_SECTIONS];

/* Everything of one section; `btf_path` is what stands for the kernel's own types, or NULL. */
void checks__run(enum check_section section, const char *btf_path, struct findings *findings);

/* Whether this process may load BPF programs that trace, by its capabilities. */
bool checks__may_trace(void);
/* Whether there are types to attach by: the kernel's own, readable, or a file. */
bool checks__have_btf(const char *btf_path);

#endif
