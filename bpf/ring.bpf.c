// SPDX-License-Identifier: GPL-2.0
/*
 * tap_copy of a tap's ring. tpacket_rcv copies each packet, as far as the tap's filter and frames
 * allow, into memory that it shares with the program (tcpdump). Headers are not counted. The packet
 * is a clone, or received, and has no socket: its addresses give its owner.
 */
#include "bpf/cause.h"
#include "bpf/waiting.h"

/* Fills `flow` from a packet's headers. Returns the address of the payload; 0: it is not TCP. */
static __always_inline __u64 read_flow(struct flow *flow, const struct sk_buff *skb)
{
	unsigned char *head = BPF_CORE_READ(skb, head);
	unsigned char *ip = head + BPF_CORE_READ(skb, network_header), *tcp = ip;
	__u8 protocol = 0, first = 0, words = 0;
	__u16 ports[2];

	bpf_probe_read_kernel(&first, 1, ip);
	if (first >> 4 == 4) {
		bpf_probe_read_kernel(&protocol, 1, ip + IP_TCP_AT);
		bpf_probe_read_kernel(&flow->local, 4, ip + 12);
		bpf_probe_read_kernel(&flow->remote, 4, ip + 16);
		tcp = ip + (first & 15) * 4;
	} else if (first >> 4 == 6) {
		bpf_probe_read_kernel(&protocol, 1, ip + IP6_TCP_AT);
		bpf_probe_read_kernel(&flow->local, 16, ip + 8);
		bpf_probe_read_kernel(&flow->remote, 16, ip + 24);
		tcp = ip + IP6_BYTES;
	}
	if (protocol != IPPROTO_TCP)
		return 0;
	bpf_probe_read_kernel(ports, sizeof(ports), tcp);
	flow->local_port = bpf_ntohs(ports[0]);
	flow->remote_port = bpf_ntohs(ports[1]);
	flow->net = (__u64)BPF_CORE_READ(skb, dev, nd_net.net);
	bpf_probe_read_kernel(&words, 1, tcp + TCP_WORDS_AT);
	return (__u64)tcp + (words >> 4) * 4;
}

/* The row of the socket that sent the flow, or else of the one that receives it. */
static __always_inline __u32 owner_of_flow(struct flow *flow)
{
	__u64 *socket = bpf_map_lookup_elem(&flows, flow);
	struct flow back = {
		.net = flow->net, .local_port = flow->remote_port, .remote_port = flow->local_port};
	struct connection *connection;

	if (!socket) {
		__builtin_memcpy(back.local, flow->remote, sizeof(back.local));
		__builtin_memcpy(back.remote, flow->local, sizeof(back.remote));
		socket = bpf_map_lookup_elem(&flows, &back);
	}
	connection = socket ? bpf_map_lookup_elem(&connections, socket) : NULL;
	if (!connection)
		return NO_OWNER;
	return connection->row == NO_OWNER ? connection->reader : connection->row;
}

static __always_inline int begin_ring(const struct sk_buff *skb)
{
	struct scratch *scratch = armed ? scratch_of_cpu() : NULL;
	struct flow flow = {};
	__u32 owner;

	if (!scratch)
		return 0;
	scratch->ring.skb = 0;
	scratch->ring_payload = read_flow(&flow, skb);
	if (!scratch->ring_payload)
		return 0;
	owner = owner_of_flow(&flow);
	if (owner != NO_OWNER)
		note_packet(&scratch->ring, skb, BPF_CORE_READ(skb, dev), owner, 0);
	return 0;
}

static __always_inline int end_ring(void)
{
	struct scratch *scratch = armed ? scratch_of_cpu() : NULL;

	if (scratch)
		scratch->ring.skb = 0;
	return 0;
}

static __always_inline int count_ring(const struct sk_buff *skb, int bytes)
{
	struct scratch *scratch = armed ? scratch_of_cpu() : NULL;
	__s64 headers;

	if (!scratch || !scratch->ring.skb || scratch->ring.skb != (__u64)skb)
		return 0;
	headers = scratch->ring_payload - (__u64)BPF_CORE_READ(skb, data);
	scratch->ring.skb = 0;
	if (bytes <= headers)
		return 0; /* a bare acknowledgement, or cut off by the filter */
	scratch->ring.bytes = bytes - headers;
	count_cause(&scratch->ring, ring_at, 0);
	return 0;
}

SEC("fentry/tpacket_rcv")
int BPF_PROG(ring_enter, struct sk_buff *skb)
{
	return begin_ring(skb);
}

SEC("fexit/tpacket_rcv")
int ring_exit(void *ctx)
{
	return end_ring();
}

SEC("fentry/skb_copy_bits")
int BPF_PROG(copy_bits_enter, struct sk_buff *skb, int offset, void *to, int bytes)
{
	return count_ring(skb, bytes);
}

SEC("kprobe/tpacket_rcv")
int BPF_KPROBE(ring_probe, struct sk_buff *skb)
{
	return begin_ring(skb);
}

SEC("kretprobe/tpacket_rcv")
int ring_return(void *ctx)
{
	return end_ring();
}

SEC("kprobe/skb_copy_bits")
int BPF_KPROBE(copy_bits_probe, struct sk_buff *skb, int offset, void *to, int bytes)
{
	return count_ring(skb, bytes);
}
