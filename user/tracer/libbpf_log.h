/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What libbpf says while it loads: which program failed and why. It tells only in its messages, and
 * hands its print function no context, so the last failure is kept here between a load and the look
 * at its result.
 */
#ifndef HARNESS_LIBBPF_LOG_H
#define HARNESS_LIBBPF_LOG_H

#include <stdbool.h>

/* Takes over libbpf's messages; verbose: hands them on to stderr as well. */
void libbpf_log__listen(bool verbose);

/* Before a load. */
void libbpf_log__forget(void);

/* One message as libbpf formats it; those about no program are passed over. */
void libbpf_log__take(const char *message);

/* The first program that failed since, "" if none; and why, with the verifier's own last line. */
const char *libbpf_log__program(void);
const char *libbpf_log__why(void);

#endif
