// SPDX-License-Identifier: GPL-2.0
#define DEFINE_STATE
#include "bpf/state.h"

const volatile __u8 activity_of[SYSCALLS] = {};
const volatile __u8 sends_by[SYSCALLS] = {};
const volatile __u8 receives_by[SYSCALLS] = {};
const volatile __s16 native_call[COMPAT_CALLS] = {};

char LICENSE[] SEC("license") = "GPL";
