/* SPDX-License-Identifier: GPL-2.0 */
/* How much MSG_ZEROCOPY may have in flight: what the kernel charges, and up to where. */
#ifndef HARNESS_LIMITS_H
#define HARNESS_LIMITS_H

#include <stdint.h>

/*
 * What one send that is not completed, or whose completion is not read yet, is charged against
 * net.core.optmem_max: measured with a connection to ourselves over lo. Bytes or a negative errno.
 */
int limits__measure_completion(void);

/*
 * Sends of which the completions may be outstanding on one socket: at least this many.
 * sock_omalloc() refuses the next one (ENOBUFS) when what is charged and the new one exceed
 * optmem_max.
 */
uint64_t limits__sends_by_optmem(uint64_t optmem_max, uint64_t completion_bytes);

/*
 * Sends of this size that one user may have in flight over all processes: mm_account_pinned_pages()
 * charges a send its pages and two more, for both ends.
 */
uint64_t limits__sends_by_memlock(uint64_t memlock_bytes, uint64_t page_bytes, uint64_t send_bytes);

#endif
