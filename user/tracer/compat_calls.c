// SPDX-License-Identifier: GPL-2.0
#include "tracer/compat_calls.h"

#include <linux/types.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "bpf/shared.h"

static const struct {
	int number, native;
} calls[] = {
#if defined(__x86_64__)
/* arch/x86/entry/syscalls/syscall_32.tbl, and include/uapi/linux/net.h for socketcall */
#define SOCKETCALL(n) (COMPAT_SOCKETCALLS + (n))
	{3, SYS_read},
	{4, SYS_write},
	{82, SYS_select},
	{142, SYS_select}, /* _newselect */
	{145, SYS_readv},
	{146, SYS_writev},
	{168, SYS_poll},
	{187, SYS_sendfile},
	{239, SYS_sendfile}, /* sendfile64 */
	{256, SYS_epoll_wait},
	{308, SYS_pselect6},
	{309, SYS_ppoll},
	{313, SYS_splice},
	{319, SYS_epoll_pwait},
	{337, SYS_recvmmsg},
	{345, SYS_sendmmsg},
	{365, SYS_getsockopt},
	{369, SYS_sendto},
	{370, SYS_sendmsg},
	{371, SYS_recvfrom},
	{372, SYS_recvmsg},
	{413, SYS_pselect6}, /* _time64 */
	{414, SYS_ppoll},    /* _time64 */
	{417, SYS_recvmmsg}, /* _time64 */
	{425, SYS_io_uring_setup},
	{426, SYS_io_uring_enter},
	{SOCKETCALL(9), SYS_sendto},	/* send */
	{SOCKETCALL(10), SYS_recvfrom}, /* recv */
	{SOCKETCALL(11), SYS_sendto},
	{SOCKETCALL(12), SYS_recvfrom},
	{SOCKETCALL(15), SYS_getsockopt},
	{SOCKETCALL(16), SYS_sendmsg},
	{SOCKETCALL(17), SYS_recvmsg},
	{SOCKETCALL(19), SYS_recvmmsg},
	{SOCKETCALL(20), SYS_sendmmsg},
#elif defined(__aarch64__)
	/*
	 * arch/arm64/include/asm/unistd32.h; select, poll and epoll_wait have no number of their
	 * own on arm64
	 */
	{3, SYS_read},
	{4, SYS_write},
	{142, SYS_pselect6}, /* _newselect */
	{145, SYS_readv},
	{146, SYS_writev},
	{168, SYS_ppoll}, /* poll */
	{187, SYS_sendfile},
	{239, SYS_sendfile},	/* sendfile64 */
	{252, SYS_epoll_pwait}, /* epoll_wait */
	{289, SYS_sendto},	/* send */
	{290, SYS_sendto},
	{291, SYS_recvfrom}, /* recv */
	{292, SYS_recvfrom},
	{295, SYS_getsockopt},
	{296, SYS_sendmsg},
	{297, SYS_recvmsg},
	{335, SYS_pselect6},
	{336, SYS_ppoll},
	{340, SYS_splice},
	{346, SYS_epoll_pwait},
	{365, SYS_recvmmsg},
	{374, SYS_sendmmsg},
	{413, SYS_pselect6}, /* _time64 */
	{414, SYS_ppoll},    /* _time64 */
	{417, SYS_recvmmsg}, /* _time64 */
	{425, SYS_io_uring_setup},
	{426, SYS_io_uring_enter},
#endif
};

int compat_call__native(int number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (calls[i].number == number)
			return calls[i].native;
	return -1;
}
