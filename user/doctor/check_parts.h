/* SPDX-License-Identifier: GPL-2.0 */
/* Inside of checks: the checks of each section. */
#ifndef HARNESS_CHECK_PARTS_H
#define HARNESS_CHECK_PARTS_H

#include <stdbool.h>

#include "doctor/finding.h"

/* Fills in one finding. `btf_path`: of --btf, or NULL. */
typedef void check_run(struct finding *finding, const char *btf_path);

check_run check_kernel, check_btf, check_capabilities, check_user_namespace, check_lockdown;
check_run check_unprivileged_bpf, check_paranoid, check_kptr;
check_run check_optmem, check_memlock, check_namespaces;
void check_counters(struct findings *findings);

/* Whether this process has a capability, CAP_BPF and the like. */
bool capable(int bit);
/* Reads a number from a file of /proc. On failure errno has the reason. */
bool read_number(const char *path, long *number);
/* The number of a sysctl; false and unknown when it cannot be read. */
bool sysctl__read(struct finding *finding, const char *path, long *number);

#endif
