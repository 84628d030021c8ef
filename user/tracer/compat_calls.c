// SPDX-License-Identifier: GPL-2.0
#include "tracer/compat_calls.h"

#include <linux/types.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "bpf/shared.h"

#ifdef __x86_64__
/* arch/x86/entry/syscalls/syscall_32.tbl, and include/uapi/linux/net.h for socketcall */
#define SOCKETCALL(n) (COMPAT_SOCKETCALLS + (n))
static const struct {
	int number, native;
} calls[] = {
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
};

int compat_call__native(int number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (calls[i].number == number)
			return calls[i].native;
	return -1;
}
#else
int compat_call__native(int number)
{
	(void)number;
	return -1;
}
#endif
