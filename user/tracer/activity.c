// SPDX-License-Identifier: GPL-2.0
#include "tracer/activity.h"

#include <stddef.h>
#include <sys/syscall.h>

/* System call numbers differ between architectures, and an architecture lacks some of the calls. */
static const struct {
	long number;
	enum activity activity;
	enum sends sends;
} calls[] = {
	{SYS_sendto, DOING_SEND, SENDS_FLAGS_FOURTH}, {SYS_sendmsg, DOING_SEND, SENDS_FLAGS_THIRD},
	{SYS_sendmmsg, DOING_SEND, SENDS_MANY},	      {SYS_sendfile, DOING_SEND, SENDS_FILE},
	{SYS_write, DOING_SEND, SENDS_PLAIN},	      {SYS_writev, DOING_SEND, SENDS_PLAIN},
	{SYS_splice, DOING_SEND, SENDS_SPLICE},	      {SYS_recvfrom, DOING_RECEIVE, SENDS_NOTHING},
	{SYS_recvmsg, DOING_RECEIVE, SENDS_NOTHING},  {SYS_recvmmsg, DOING_RECEIVE, SENDS_NOTHING},
	{SYS_read, DOING_RECEIVE, SENDS_NOTHING},     {SYS_readv, DOING_RECEIVE, SENDS_NOTHING},
	{SYS_ppoll, DOING_WAIT, SENDS_NOTHING},	      {SYS_pselect6, DOING_WAIT, SENDS_NOTHING},
	{SYS_epoll_pwait, DOING_WAIT, SENDS_NOTHING},
#ifdef SYS_poll
	{SYS_poll, DOING_WAIT, SENDS_NOTHING},
#endif
#ifdef SYS_select
	{SYS_select, DOING_WAIT, SENDS_NOTHING},
#endif
#ifdef SYS_epoll_wait
	{SYS_epoll_wait, DOING_WAIT, SENDS_NOTHING},
#endif
};

static size_t call_of(long number)
{
	size_t i = 0;

	while (i < sizeof(calls) / sizeof(*calls) && calls[i].number != number)
		i++;
	return i;
}

enum activity activity__of_system_call(long number)
{
	size_t i = call_of(number);

	return i < sizeof(calls) / sizeof(*calls) ? calls[i].activity : DOING_ELSEWHERE;
}

enum sends sends__by_system_call(long number)
{
	size_t i = call_of(number);

	return i < sizeof(calls) / sizeof(*calls) ? calls[i].sends : SENDS_NOTHING;
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
