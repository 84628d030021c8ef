/* SPDX-License-Identifier: GPL-2.0 */
/* The doctor's checks of the kernel and this process, a table row each. */
#ifndef HARNESS_CHECKS_H
#define HARNESS_CHECKS_H

#include <stdbool.h>

#include "doctor/finding.h"

enum check_section {
	CHECK_TRACING,	/* whether and how the kernel may be traced */
	CHECK_LIMITS,	/* limits of MSG_ZEROCOPY and of the paths */
	CHECK_COUNTERS, /* perf events */
	CHECK_SECTIONS
};

extern const char *const check_titles[CHECK_SECTIONS];

/* Runs the checks of one section. `btf_path`: of --btf, or NULL. */
void checks__run(enum check_section section, const char *btf_path, struct findings *findings);

/* Whether this process may load BPF programs that trace, by its capabilities. */
bool checks__may_trace(void);
/* Whether BTF is available: the kernel's own, readable, or a file. */
bool checks__have_btf(const char *btf_path);

#endif
