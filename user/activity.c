// SPDX-License-Identifier: GPL-2.0
#include "activity.h"

#include <stddef.h>
#include <sys/syscall.h>

/* Every architecture has its own numbers and its own subset of the calls. */
static const struct {
	long number;
	enum activity activity;
} calls[] = {
	{SYS_sendto, DOING_SEND},
	{SYS_sendmsg, DOING_SEND},
	{SYS_sendmmsg, DOING_SEND},
	{SYS_sendfile, DOING_SEND},
	{SYS_write, DOING_SEND},
	{SYS_writev, DOING_SEND},
	{SYS_splice, DOING_SEND},
	{SYS_recvfrom, DOING_RECEIVE},
	{SYS_recvmsg, DOING_RECEIVE},
	{SYS_recvmmsg, DOING_RECEIVE},
	{SYS_read, DOING_RECEIVE},
	{SYS_readv, DOING_RECEIVE},
	{SYS_ppoll, DOING_WAIT},
	{SYS_pselect6, DOING_WAIT},
	{SYS_epoll_pwait, DOING_WAIT},
#ifdef SYS_poll
	{SYS_poll, DOING_WAIT},
#endif
#ifdef SYS_select
	{SYS_select, DOING_WAIT},
#endif
#ifdef SYS_epoll_wait
	{SYS_epoll_wait, DOING_WAIT},
#endif
};

enum activity activity__of_system_call(long number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (calls[i].number == number)
			return calls[i].activity;
	return DOING_ELSEWHERE;
}

const char *activity__name(enum activity activity)
{
	switch (activity) {
	case DOING_SEND:
		return "send";
	case DOING_RECEIVE:
		return "receive";
	case DOING_WAIT:
		return "completions";
	case DOING_ELSEWHERE:
	case DOING_COUNT:
		break;
	}
	return "elsewhere";
}
