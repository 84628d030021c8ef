/* SPDX-License-Identifier: GPL-2.0 */
/* What the running kernel's BTF says. */
#ifndef HARNESS_KERNEL_TYPES_H
#define HARNESS_KERNEL_TYPES_H

#include <bpf/btf.h>
#include <stdbool.h>

/*
 * The kernel's own BTF, or that in a file (not NULL). The caller frees it with btf__free(). NULL
 * with one line on stderr when there is none.
 */
struct btf *kernel_types__open(const char *path);

/*
 * Whether all types and names are there that types refer to, which libbpf (1.1) does not look at
 * and all below lean on. kernel_types__open() has looked.
 */
bool kernel_types__are_sound(const struct btf *btf);

/* Number of arguments, 0 if the kernel has none of that name. */
unsigned int kernel_types__arguments(const struct btf *btf, const char *function);
unsigned int kernel_types__tracepoint_arguments(const struct btf *btf, const char *tracepoint);

/* Position of the first argument of type `struct NAME *`; -1 if there is none. */
int kernel_types__argument(const struct btf *btf, const char *function, const char *type);

/* Offset in bytes of a member of a structure; -1 if there is none. */
int kernel_types__offset(const struct btf *btf, const char *structure, const char *member);

/* Whether the kernel has this BPF helper ("task_pt_regs"). */
bool kernel_types__have_helper(const struct btf *btf, const char *name);

#endif
