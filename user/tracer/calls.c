// SPDX-License-Identifier: GPL-2.0
#include "tracer/calls.h"

#include <stddef.h>
#include <sys/syscall.h>

static const struct {
	long number;
	enum receives receives;
} calls[] = {
	{SYS_read, RECEIVES_PLAIN},
	{SYS_readv, RECEIVES_PLAIN},
	{SYS_recvfrom, RECEIVES_FLAGS_FOURTH},
	{SYS_recvmsg, RECEIVES_FLAGS_THIRD},
	{SYS_recvmmsg, RECEIVES_MANY},
	{SYS_getsockopt, RECEIVES_MAP},
	{SYS_splice, RECEIVES_SPLICE},
	{SYS_io_uring_enter, RECEIVES_INSIDE},
	{SYS_io_uring_setup, RECEIVES_INSIDE},
};

enum receives receives__by_system_call(long number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (calls[i].number == number)
			return calls[i].receives;
	return RECEIVES_NOTHING;
}
