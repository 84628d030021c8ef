#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Names the bpftrace script that counts on this kernel what the harness counts: by tracepoints, where TCP has
# them for sends (Linux 6.16), else by kprobes. Wants tracefs.
here=$(dirname "$0")
if [ -d /sys/kernel/tracing/events/tcp/tcp_sendmsg_locked ]; then
	echo "$here/tracepoints.bt"
else
	echo "$here/kprobes.bt"
fi
