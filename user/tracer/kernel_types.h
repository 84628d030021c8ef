/* SPDX-License-Identifier: GPL-2.0 */
/* What the running kernel's BTF contains. */
#ifndef HARNESS_KERNEL_TYPES_H
#define HARNESS_KERNEL_TYPES_H

#include <bpf/btf.h>
#include <stdbool.h>

/*
 * The kernel's own BTF, or the BTF in the file `path` if not NULL. The caller frees it with
 * btf__free(). NULL with one line on stderr: there is none, or it is not sound.
 */
struct btf *kernel_types__open(const char *path);

/*
 * Whether all types and names that types refer to exist. libbpf (1.1) does not check this, and the
 * functions below rely on it. kernel_types__open() checks it.
 */
bool kernel_types__are_sound(const struct btf *btf);

/* The number of arguments of a function; 0: the kernel has none of that name. */
unsigned int kernel_types__arguments(const struct btf *btf, const char *function);
unsigned int kernel_types__tracepoint_arguments(const struct btf *btf, const char *tracepoint);

/* The position of the first argument of type `struct NAME *`, from 0; -1: there is none. */
int kernel_types__argument(const struct btf *btf, const char *function, const char *type);

/* The offset of a structure's member, in bytes; -1: there is none. */
int kernel_types__offset(const struct btf *btf, const char *structure, const char *member);

/* Whether the kernel has this BPF helper ("task_pt_regs"). */
bool kernel_types__have_helper(const struct btf *btf, const char *name);

#endif
