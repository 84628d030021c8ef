// SPDX-License-Identifier: GPL-2.0
#include "watch/watch_group.h"

#include <arpa/inet.h>
#include <stdio.h>

#define PROC_CGROUP_MAX 8192

bool watch_by__groups(enum watch_by by)
{
	return by == BY_PEER || watch_by__is_of_process(by);
}

bool watch_by__is_of_process(enum watch_by by)
{
	return by == BY_CGROUP || by == BY_CONTAINER;
}

void row__peer(const struct row *row, char *text, size_t size)
{
	const struct in6_addr *address = (const struct in6_addr *)row->remote;

	text[0] = '\0';
	if (row->kind != ROW_SOCKET)
		return;
	if (row->family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(address))
		inet_ntop(AF_INET, &address->s6_addr[12], text, size);
	else
		inet_ntop(row->family, address, text, size);
}

void watch_group__of(enum watch_by by, const struct row *row, struct watch_group *group)
{
	char text[PROC_CGROUP_MAX];

	*group = (struct watch_group){};
	if (by == BY_PEER) {
		row__peer(row, group->name, sizeof(group->name));
		group->known = *group->name;
	} else if (row->process && cgroup__read(row->process, text, sizeof(text))) {
		group->known = true;
		if (by == BY_CGROUP)
			cgroup__path(text, group->name, sizeof(group->name));
		else if (container__find(text, &group->container))
			container__describe(&group->container, group->name, sizeof(group->name));
		else
			snprintf(group->name, sizeof(group->name), "(no container)");
	}
	if (!group->known)
		snprintf(group->name, sizeof(group->name),
			 by == BY_PEER ? "(no connection)" : "(not known)");
}
