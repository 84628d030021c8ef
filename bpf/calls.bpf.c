// SPDX-License-Identifier: GPL-2.0
/*
 * System calls, for kernels without a tracepoint in tcp_sendmsg_locked (before 6.16) or
 * sock_send_length (before 6.3). These programs put every task of the machine on the slow path of
 * system calls, so they are attached only there. Sends that are no system call of their own
 * (io_uring, the kernel's) are not seen.
 */
#include "bpf/send.h"

/*
 * Bytes of a sendmmsg or recvmmsg: the sum of its struct mmsghdr, in user memory. -1: more than
 * MANY_MAX messages, or they are not readable.
 */
#define MANY_MAX 64
static __always_inline __s64 bytes_of_many(const struct pt_regs *regs, long messages)
{
	bool compat = is_compat_call();
	__u64 at = syscall_argument(regs, 1) + (compat ? offsetof(struct user_mmsghdr32, length)
						       : offsetof(struct user_mmsghdr, length));
	__u32 size = compat ? sizeof(struct user_mmsghdr32) : sizeof(struct user_mmsghdr);
	__s64 bytes = 0;
	__u32 length;

	for (int i = 0; i < MANY_MAX; i++) {
		if (i >= messages)
			return bytes;
		if (bpf_probe_read_user(&length, sizeof(length), (void *)at))
			return -1;
		bytes += length;
		at += size;
	}
	return messages == MANY_MAX ? bytes : -1;
}

static __always_inline __u32 descriptor_of(const struct pt_regs *regs, __u8 sends)
{
	/* splice(from, offset, to, ...) */
	return sends == SENDS_SPLICE ? syscall_argument(regs, 2) : syscall_argument(regs, 0);
}

static __always_inline __u32 flags_of(const struct pt_regs *regs, __u8 sends)
{
	switch (sends) {
	case SENDS_FLAGS_THIRD:
		return syscall_argument(regs, 2);
	case SENDS_FLAGS_FOURTH:
	case SENDS_MANY:
		return syscall_argument(regs, 3);
	case SENDS_SPLICE:
	case SENDS_FILE:
		return MSG_SPLICE_PAGES;
	}
	return 0;
}

static __always_inline __u32 mode_of_call(const struct sock *sk, __u32 flags)
{
	if (!(flags & (MSG_ZEROCOPY | MSG_SPLICE_PAGES)))
		return SITE_SEND_COPY;
	return mode_of_flags(flags, BPF_CORE_READ(sk, sk_route_caps),
			     zerocopy_is_set(BPF_CORE_READ(sk, __sk_common.skc_flags)));
}

static __always_inline void count_io_uring(void)
{
	struct thread *thread = current_thread();

	if (thread)
		count_call(thread->owner, EXTRA_IO_URING);
}

TRACEPOINT(send_call_enter, sys_enter, struct pt_regs *regs)
{
	struct thread *thread;
	struct sock *sk;
	long number;
	__u8 sends;

	if (!armed)
		return 0;
	number = syscall_number(regs);
	if (number < 0 || number >= SYSCALLS)
		return 0;
	if (receives_by[number] == RECEIVES_INSIDE)
		count_io_uring();
	sends = sends_by[number];
	if (!sends)
		return 0;
	sk = socket_of(descriptor_of(regs, sends));
	if (!sk || not_covered(sk, false, true))
		return 0;
	thread = current_thread();
	if (thread)
		begin_send(thread, sk, mode_of_call(sk, flags_of(regs, sends)));
	return 0;
}

/* Bytes that the system call sent; 0: none, or not known, which lose() counts. */
static __always_inline __s64 bytes_of_call(const struct pt_regs *regs, __u8 sends, long result)
{
	__s64 bytes = sends == SENDS_MANY ? bytes_of_many(regs, result) : result;

	if (bytes < 0)
		lose();
	return bytes < 0 ? 0 : bytes;
}

/* The system call sent nothing: ends the send whose start was seen, if any. */
static __always_inline int call_failed(void)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct thread *thread = bpf_map_lookup_elem(&threads, &tid);

	if (thread && thread->sending)
		finish_send(thread, (void *)thread->sending, 0);
	return 0;
}

TRACEPOINT(send_call_exit, sys_exit, struct pt_regs *regs, long result)
{
	struct thread *thread;
	struct sock *sk;
	__s64 bytes;
	long number;

	if (!armed)
		return 0;
	number = syscall_number(regs);
	if (number < 0 || number >= SYSCALLS || !sends_by[number])
		return 0;
	if (result <= 0)
		return call_failed();
	sk = socket_of(descriptor_of(regs, sends_by[number]));
	if (!sk || not_covered(sk, false, true))
		return 0;
	thread = current_thread();
	bytes = bytes_of_call(regs, sends_by[number], result);
	if (!thread)
		return note_unfollowed_send(sk, bytes);
	if (bytes && finish_send(thread, sk, bytes))
		count_send(thread, sk, bytes);
	return 0;
}

/* The result is bytes that a send or a receive moved, or messages. */
static __always_inline bool returns_bytes(long number)
{
	__u8 receives = receives_by[number];

	return sends_by[number] ||
	       (receives && receives != RECEIVES_MAP && receives != RECEIVES_INSIDE);
}

/* Counts the bytes of sockets that not_covered() names. */
TRACEPOINT(not_covered_call, sys_exit, struct pt_regs *regs, long result)
{
	struct sock *sk;
	__u32 kind;
	long number;
	bool sending;

	if (!armed || result <= 0)
		return 0;
	number = syscall_number(regs);
	if (number < 0 || number >= SYSCALLS)
		return 0;
	if (!returns_bytes(number))
		return 0;
	sk = socket_of(descriptor_of(regs, sends_by[number]));
	sending = sends_by[number];
	if (!sk && sends_by[number] == SENDS_SPLICE) {
		sk = socket_of(syscall_argument(regs, 0)); /* a splice out of a socket */
		sending = false;
	}
	kind = sk ? not_covered(sk, false, sending) : 0;
	if (!kind || kind >= EXTRA_COUNT)
		return 0;
	if (sends_by[number] == SENDS_MANY || receives_by[number] == RECEIVES_MANY)
		result = bytes_of_many(regs, result);
	if (result < 0)
		lose();
	else
		count_not_covered(sk, kind, sending, result);
	return 0;
}
