/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The first failure that libbpf prints during a load: which program, and why. Only its messages
 * have that, and its print function gets no context, so it is kept here until the result of the
 * load is examined.
 */
#ifndef HARNESS_LIBBPF_LOG_H
#define HARNESS_LIBBPF_LOG_H

#include <stdbool.h>

/* Takes over libbpf's messages; verbose: hands them on to stderr as well. */
void libbpf_log__listen(bool verbose);

/* Before a load. */
void libbpf_log__forget(void);

/* Reads one message of libbpf; messages about no program are ignored. */
void libbpf_log__take(const char *message);

/* The first program that failed since, "" if none; and why, with the verifier's own last line. */
const char *libbpf_log__program(void);
const char *libbpf_log__why(void);

#endif
