// SPDX-License-Identifier: GPL-2.0
#include "watch/row_filter.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/arguments.h"

#define MAPPED_BITS 96

/* Makes ::ffff:a.b.c.d of a.b.c.d, the form in a socket for both families. */
static void map_ipv4(uint8_t address[static 16], const void *ipv4)
{
	memset(address, 0, 10);
	memset(address + 10, 0xff, 2);
	memcpy(address + 12, ipv4, 4);
}

int row_filter__parse_peer(struct row_filter *filter, const char *text)
{
	static const struct number_range range = {"peer", "bits", 1, 128, false};
	char address[INET6_ADDRSTRLEN + 1];
	size_t length = strcspn(text, "/");
	unsigned int most = 128;
	struct in_addr ipv4;
	uint64_t bits = 0;

	snprintf(address, sizeof(address), "%.*s", (int)length, text);
	if (inet_pton(AF_INET, address, &ipv4) == 1) {
		map_ipv4(filter->peer, &ipv4);
		most = 32;
	} else if (length >= sizeof(address) || inet_pton(AF_INET6, address, filter->peer) != 1) {
		return arguments__bad("--peer %s: want an IPv4 or IPv6 address, or ADDRESS/BITS",
				      text);
	}
	bits = most;
	if (text[length] && (number__parse(text + length + 1, &range, &bits) || bits > most))
		return bits > most ? arguments__bad("--peer %s: want %u bits at most", text, most)
				   : -EINVAL;
	filter->peer_bits = bits + (most == 32 ? MAPPED_BITS : 0);
	return 0;
}

bool row_filter__asks(const struct row_filter *filter)
{
	return filter->ports.count || filter->peer_bits;
}

static bool ports__have(const struct number_list *ports, const struct row *row)
{
	for (size_t i = 0; i < ports->count; i++)
		if (ports->value[i] == row->local_port || ports->value[i] == row->remote_port)
			return true;
	return !ports->count;
}

static bool peer__is(const struct row_filter *filter, const struct row *row)
{
	unsigned int bytes = filter->peer_bits / 8, rest = filter->peer_bits % 8;
	uint8_t address[16], mask = 0xff << (8 - rest);

	if (row->family == AF_INET6)
		memcpy(address, row->remote, sizeof(address));
	else
		map_ipv4(address, row->remote);
	return !memcmp(address, filter->peer, bytes) &&
	       (!rest || !((address[bytes] ^ filter->peer[bytes]) & mask));
}

bool row_filter__passes(const struct row_filter *filter, const struct row *row)
{
	return row->kind == ROW_SOCKET && ports__have(&filter->ports, row) && peer__is(filter, row);
}
