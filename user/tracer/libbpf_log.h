/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The first failure of a load: which program, and why. Only libbpf's messages have both, and its
 * print function gets no context. So the failure is kept here until the load has returned.
 */
#ifndef HARNESS_LIBBPF_LOG_H
#define HARNESS_LIBBPF_LOG_H

#include <stdbool.h>

/* Receives libbpf's messages from now on; verbose: also prints them on stderr. */
void libbpf_log__listen(bool verbose);

/* Forgets the failure. Call it before a load. */
void libbpf_log__forget(void);

/* Reads one message of libbpf; messages about no program are ignored. */
void libbpf_log__take(const char *message);

/* The first program that failed since; "": none. And why, with the last line of the verifier. */
const char *libbpf_log__program(void);
const char *libbpf_log__why(void);

#endif
