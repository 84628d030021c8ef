// SPDX-License-Identifier: GPL-2.0
/*
 * What runs in the kernel. Which of these programs are loaded is decided by user space, by trying
 * (user/tracer/hooks.c); none of them knows the kernel's version.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

#include "bpf/shared.h"
#include "bpf/maps.h"
#include "bpf/program.h"
#include "bpf/rows.h"
#include "bpf/read.h"
#include "bpf/kernel.h"
#include "bpf/book.h"

#include "bpf/queue.h"
#include "bpf/send.h"
#include "bpf/hardware.h"
#include "bpf/receive.h"
#include "bpf/stack.h"
#include "bpf/deferred.h"
#include "bpf/transmit.h"
#include "bpf/switches.h"
#include "bpf/gaps.h"
#include "bpf/memcpy.h"
#include "bpf/follow.h"
#include "bpf/watch.h"
#include "bpf/time.h"

char LICENSE[] SEC("license") = "GPL";
