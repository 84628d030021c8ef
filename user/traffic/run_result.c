// SPDX-License-Identifier: GPL-2.0
#include "traffic/run_result.h"

static void send_counts__add(struct send_counts *sum, const struct send_counts *counts)
{
	sum->messages += counts->messages;
	sum->payload_bytes += counts->payload_bytes;
	sum->calls += counts->calls;
	sum->copied_bytes += counts->copied_bytes;
	sum->copies += counts->copies;
	sum->completions_expected += counts->completions_expected;
	sum->completions_received += counts->completions_received;
	sum->completions_copied += counts->completions_copied;
	sum->enobufs_waits += counts->enobufs_waits;
	sum->tcp_bytes += counts->tcp_bytes;
}

void run_result__add(struct run_result *result, enum side side,
		     const struct control_connection *connection)
{
	send_counts__add(&result->sent, &connection->sent);
	result->received_bytes += connection->received.payload_bytes;
	result->received_messages += connection->received.messages;
	result->receive_calls += connection->received.calls;
	result->tcp[side].bytes += connection->tcp.bytes;
	result->tcp[side].connections += connection->tcp.connections;
	result->requests[side].requests += connection->requests.requests;
	result->requests[side].bytes += connection->requests.bytes;
}

struct latency latency__of(const struct histogram *histogram)
{
	if (!histogram->count)
		return (struct latency){};
	return (struct latency){
		.count = histogram->count,
		.mean = (double)histogram->sum / histogram->count,
		.p50 = histogram__quantile(histogram, 500),
		.p90 = histogram__quantile(histogram, 900),
		.p99 = histogram__quantile(histogram, 990),
		.p999 = histogram__quantile(histogram, 999),
		.max = histogram->max,
	};
}
