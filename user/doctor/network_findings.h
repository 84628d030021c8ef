/* SPDX-License-Identifier: GPL-2.0 */
/* The copies that interfaces and packet taps cost. The caller frees each with finding__free(). */
#ifndef HARNESS_NETWORK_FINDINGS_H
#define HARNESS_NETWORK_FINDINGS_H

#include "doctor/finding.h"
#include "net/offload.h"
#include "net/taps.h"
#include "net/xdp.h"

/* Where the interface delivers, and its XDP program. */
struct finding interface__finding(const struct interface *interface, enum xdp_mode xdp);
struct finding offload__finding(const struct interface *interface, enum offload offload);
/* Its value is the reason why no process is known, or empty. */
struct finding tap__finding(const struct taps *taps, const struct tap *tap);

#endif
