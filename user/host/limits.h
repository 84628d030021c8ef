/* SPDX-License-Identifier: GPL-2.0 */
/* How many MSG_ZEROCOPY sends may be in flight, by the kernel's two limits. */
#ifndef HARNESS_LIMITS_H
#define HARNESS_LIMITS_H

#include <stdint.h>

/*
 * Bytes that a send is charged against net.core.optmem_max until its completion is read: measured
 * with a connection to ourselves over lo. A negative errno on failure.
 */
int limits__measure_completion(void);

/*
 * How many sends may have unread completions on one socket, at least. sock_omalloc() refuses the
 * next one (ENOBUFS) when the charges would exceed optmem_max.
 */
uint64_t limits__sends_by_optmem(uint64_t optmem_max, uint64_t completion_bytes);

/*
 * How many sends of this size may be in flight for one user, over all processes:
 * mm_account_pinned_pages() charges a send its pages and two more, for both ends.
 */
uint64_t limits__sends_by_memlock(uint64_t memlock_bytes, uint64_t page_bytes, uint64_t send_bytes);

#endif
