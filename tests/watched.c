// SPDX-License-Identifier: GPL-2.0
/*
 * A program to be watched: does one odd thing with TCP over loopback, with exact numbers of bytes,
 * and prints what it did as JSON: {"sent": N, "received": N, ...}.
 *
 * watched WHAT [ARGUMENT...], WHAT one of the words in `acts`.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/namespace.h"

#define CHUNK	    65536
#define ROUNDS	    20
#define CONNECTIONS 2000

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static char **arguments;
static char data[CHUNK] __attribute__((aligned(4096)));
static char back[CHUNK] __attribute__((aligned(4096)));

struct pair {
	int near, far;
};

static void fail(const char *what)
{
	fprintf(stderr, "watched: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int listener(int protocol, struct sockaddr_in *address)
{
	socklen_t length = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM, protocol), queue = 16;

	*address = (struct sockaddr_in){.sin_family = AF_INET,
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (fd < 0 || bind(fd, (void *)address, length) || listen(fd, 16) ||
	    getsockname(fd, (void *)address, &length))
		fail("listen");
	if (!protocol)
		setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue));
	return fd;
}

static struct pair connect_pair(int protocol)
{
	struct sockaddr_in address;
	int fd = listener(protocol, &address);
	struct pair pair = {.near = socket(AF_INET, SOCK_STREAM, protocol)};

	if (pair.near < 0 || connect(pair.near, (void *)&address, sizeof(address)))
		fail("connect");
	pair.far = accept(fd, NULL, NULL);
	if (pair.far < 0)
		fail("accept");
	close(fd);
	return pair;
}

static void send_all(int fd, size_t bytes)
{
	for (size_t sent = 0; sent < bytes;) {
		ssize_t took = send(fd, data, bytes - sent < CHUNK ? bytes - sent : CHUNK, 0);

		if (took <= 0)
			fail("send");
		sent += took;
	}
}

static void receive_all(int fd, size_t bytes, int flags)
{
	for (size_t received = 0; received < bytes;) {
		size_t want = bytes - received < CHUNK ? bytes - received : CHUNK;
		ssize_t got = recv(fd, back, want, flags);

		if (got <= 0)
			fail("recv");
		received += got;
	}
}

static void act_peek(void)
{
	struct pair pair = connect_pair(0);
	size_t peeked = 0;

	for (int i = 0; i < ROUNDS; i++) {
		send_all(pair.near, 1000);
		while (recv(pair.far, back, 1000, MSG_PEEK) != 1000)
			;
		peeked += 1000;
		receive_all(pair.far, 1000, 0);
	}
	printf("{\"sent\": %d, \"received\": %d, \"peeked_at_least\": %zu}\n", ROUNDS * 1000,
	       ROUNDS * 1000, peeked);
}

static void act_truncate(void)
{
	struct pair pair = connect_pair(0);

	for (int i = 0; i < ROUNDS; i++) {
		send_all(pair.near, 1000);
		receive_all(pair.far, 600, MSG_TRUNC);
		receive_all(pair.far, 400, 0);
	}
	printf("{\"sent\": %d, \"received\": %d, \"discarded\": %d}\n", ROUNDS * 1000, ROUNDS * 400,
	       ROUNDS * 600);
}

static void act_urgent(void)
{
	struct pair pair = connect_pair(0);

	for (int i = 0; i < ROUNDS; i++) {
		if (send(pair.near, data, 1, MSG_OOB) != 1)
			fail("send");
		while (recv(pair.far, back, 1, MSG_OOB) != 1)
			usleep(100);
	}
	printf("{\"sent\": %d, \"received\": %d}\n", ROUNDS, ROUNDS);
}

static void act_many(void)
{
	struct pair pair = connect_pair(0);
	struct iovec part = {data, 500}, room = {back, 500};
	struct mmsghdr out[4], in[4];

	for (int i = 0; i < ROUNDS; i++) {
		int sent, got;

		for (int m = 0; m < 4; m++) {
			out[m] = (struct mmsghdr){.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
			in[m] = (struct mmsghdr){.msg_hdr = {.msg_iov = &room, .msg_iovlen = 1}};
		}
		sent = sendmmsg(pair.near, out, 4, 0);
		got = recvmmsg(pair.far, in, 4, MSG_WAITALL, NULL);
		if (sent != 4 || got != 4)
			fail("mmsg");
		if (writev(pair.near, &part, 1) != 500 || readv(pair.far, &room, 1) != 500)
			fail("vectors");
	}
	printf("{\"sent\": %d, \"received\": %d}\n", ROUNDS * 2500, ROUNDS * 2500);
}

static void act_splice(void)
{
	struct pair pair = connect_pair(0);
	int pipe_in[2], file = memfd_create("spliced", 0);
	size_t in = 0;

	if (pipe(pipe_in) || ftruncate(file, CHUNK))
		fail("pipe");
	for (int i = 0; i < ROUNDS; i++) {
		loff_t from = 0;
		ssize_t filled = splice(file, &from, pipe_in[1], NULL, CHUNK, 0);

		if (filled != CHUNK)
			fail("fill");
		for (ssize_t out = 0; out < CHUNK;)
			out += splice(pipe_in[0], NULL, pair.near, NULL, CHUNK - out, 0);
		for (ssize_t got = 0; got < CHUNK;) {
			ssize_t took = splice(pair.far, NULL, pipe_in[1], NULL, CHUNK - got, 0);

			if (took <= 0)
				fail("splice");
			got += took;
			in += took;
			for (ssize_t left = took; left > 0;)
				left -= read(pipe_in[0], back, left);
		}
	}
	printf("{\"sent\": %d, \"received\": %zu, \"spliced_in\": %zu, \"spliced_out\": %d}\n",
	       ROUNDS * CHUNK, in, in, ROUNDS * CHUNK);
}

/* Fresh whole pages in order, for the receiver to map: what skb_copy_ubufs makes of pinned pages.
 */
static void act_map(void)
{
	struct pair pair = connect_pair(0);
	size_t mapped = 0, copied = 0, total = 0;
	int one = 1;
	char *room;

	room = mmap(NULL, CHUNK, PROT_READ, MAP_SHARED, pair.far, 0);
	if (room == MAP_FAILED || setsockopt(pair.near, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		fail("mmap");
	for (int i = 0; i < ROUNDS; i++) {
		struct tcp_zerocopy_receive zc = {.address = (uintptr_t)room, .length = CHUNK};
		socklen_t length = sizeof(zc);

		if (send(pair.near, data, CHUNK, MSG_ZEROCOPY) != CHUNK)
			fail("zerocopy send");
		usleep(2000);
		zc.copybuf_address = (uintptr_t)back;
		zc.copybuf_len = 5000;
		if (getsockopt(pair.far, IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, &zc, &length))
			fail("TCP_ZEROCOPY_RECEIVE");
		mapped += zc.length;
		copied = length > offsetof(struct tcp_zerocopy_receive, copybuf_len) &&
					 zc.copybuf_len > 0
				 ? zc.copybuf_len
				 : 0;
		total += CHUNK;
		receive_all(pair.far, CHUNK - zc.length - copied, 0);
		madvise(room, CHUNK, MADV_DONTNEED);
	}
	printf("{\"sent\": %zu, \"received\": %zu, \"mapped\": %zu}\n", total, total, mapped);
}

static void act_fast_open(void)
{
	struct sockaddr_in address;
	int fd = listener(0, &address);

	for (int i = 0; i < ROUNDS; i++) {
		int near = socket(AF_INET, SOCK_STREAM, 0), far;

		if (sendto(near, data, 3000, MSG_FASTOPEN, (void *)&address, sizeof(address)) !=
		    3000)
			fail("fast open");
		far = accept(fd, NULL, NULL);
		receive_all(far, 3000, 0);
		close(near);
		close(far);
	}
	printf("{\"sent\": %d, \"received\": %d}\n", ROUNDS * 3000, ROUNDS * 3000);
}

static void act_tls(void)
{
	struct tls12_crypto_info_aes_gcm_128 crypto = {
		.info = {.version = TLS_1_2_VERSION, .cipher_type = TLS_CIPHER_AES_GCM_128}};
	struct pair pair = connect_pair(0);

	send_all(pair.near, 1000); /* plain, before */
	receive_all(pair.far, 1000, 0);
	if (setsockopt(pair.near, IPPROTO_TCP, TCP_ULP, "tls", 4) ||
	    setsockopt(pair.far, IPPROTO_TCP, TCP_ULP, "tls", 4) ||
	    setsockopt(pair.near, SOL_TLS, TLS_TX, &crypto, sizeof(crypto)) ||
	    setsockopt(pair.far, SOL_TLS, TLS_RX, &crypto, sizeof(crypto)))
		fail("kTLS");
	for (int i = 0; i < ROUNDS; i++) {
		send_all(pair.near, 10000);
		receive_all(pair.far, 10000, 0);
	}
	printf("{\"sent\": 1000, \"received\": 1000, \"tls\": %d}\n", 2 * ROUNDS * 10000);
}

static void act_mptcp(void)
{
	struct pair pair = connect_pair(IPPROTO_MPTCP);

	for (int i = 0; i < ROUNDS; i++) {
		send_all(pair.near, 10000);
		receive_all(pair.far, 9000, 0);
		receive_all(pair.far, 400, MSG_PEEK | MSG_WAITALL);
		receive_all(pair.far, 1000, MSG_TRUNC | MSG_WAITALL);
	}
	printf("{\"sent\": %d, \"received\": %d, \"peeked\": %d, \"discarded\": %d}\n",
	       ROUNDS * 10000, ROUNDS * 9000, ROUNDS * 400, ROUNDS * 1000);
}

/* Its own functions take the sender's place; the receiver stays plain. */
static void act_sockmap(void)
{
	static const struct bpf_insn pass[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = SK_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int map = bpf_map_create(BPF_MAP_TYPE_SOCKMAP, "watched", 4, 4, 1, NULL), zero = 0;
	int program = bpf_prog_load(BPF_PROG_TYPE_SK_MSG, "watched", "GPL", pass, 2, NULL);
	struct pair pair = connect_pair(0);

	send_all(pair.near, 1000); /* plain, before */
	receive_all(pair.far, 1000, 0);
	if (map < 0 || program < 0 || bpf_prog_attach(program, map, BPF_SK_MSG_VERDICT, 0) ||
	    bpf_map_update_elem(map, &zero, &pair.near, BPF_ANY))
		fail("sockmap");
	for (int i = 0; i < ROUNDS; i++) {
		send_all(pair.near, 10000);
		receive_all(pair.far, 10000, 0);
	}
	printf("{\"sent\": 1000, \"received\": %d, \"sockmap\": %d}\n", 1000 + ROUNDS * 10000,
	       ROUNDS * 10000);
}

/* What the near end sends goes straight to the messages of the far end, which has a peek first. */
static void act_ingress(void)
{
	int map = bpf_map_create(BPF_MAP_TYPE_SOCKMAP, "watched", 4, 4, 2, NULL), zero = 0, one = 1;
	const struct bpf_insn ingress[] = {
		/* BPF_LD and BPF_IMM are 0 */
		{.code = BPF_LD | BPF_DW | BPF_IMM, /* NOLINT(misc-redundant-expression) */
		 .dst_reg = BPF_REG_2,
		 .src_reg = BPF_PSEUDO_MAP_FD,
		 .imm = map},
		{},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = 1},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_4, .imm = BPF_F_INGRESS},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_msg_redirect_map},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int program = bpf_prog_load(BPF_PROG_TYPE_SK_MSG, "watched", "GPL", ingress, 6, NULL);
	struct pair pair = connect_pair(0);

	send_all(pair.near, 1000); /* plain, before */
	receive_all(pair.far, 1000, 0);
	if (map < 0 || program < 0 || bpf_prog_attach(program, map, BPF_SK_MSG_VERDICT, 0) ||
	    bpf_map_update_elem(map, &one, &pair.far, BPF_ANY) ||
	    bpf_map_update_elem(map, &zero, &pair.near, BPF_ANY))
		fail("sockmap");
	for (int i = 0; i < ROUNDS; i++) {
		send_all(pair.near, 10000);
		receive_all(pair.far, 300, MSG_PEEK);
		receive_all(pair.far, 10000, 0);
	}
	printf("{\"sent\": %d, \"received\": %d, \"peeked\": %d}\n", 1000 + ROUNDS * 10000,
	       1000 + ROUNDS * 10000, ROUNDS * 300);
}

/* The peer closes with bytes that it has not read: the connection is reset, and the rest never
 * sent. */
static void act_unsent(void)
{
	struct pair pair = connect_pair(0);
	int room = 4 * 1024 * 1024, small = 4096, unsent = 0, sent = 0, took;

	if (setsockopt(pair.near, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(pair.far, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)))
		fail("setsockopt");
	while ((took = send(pair.near, data, CHUNK, MSG_DONTWAIT)) > 0)
		sent += took;
	usleep(50 * 1000); /* what has room leaves */
	if (ioctl(pair.near, SIOCOUTQNSD, &unsent))
		fail("SIOCOUTQNSD");
	close(pair.far);
	close(pair.near);
	printf("{\"sent\": %d, \"received\": 0, \"unsent\": %d}\n", sent, unsent);
}

/* What arrives at the far end of one pair, the kernel sends on the near end of another. */
static void act_redirect(void)
{
	int map = bpf_map_create(BPF_MAP_TYPE_SOCKMAP, "watched", 4, 4, 2, NULL), zero = 0, one = 1;
	const struct bpf_insn redirect[] = {
		/* BPF_LD and BPF_IMM are 0 */
		{.code = BPF_LD | BPF_DW | BPF_IMM, /* NOLINT(misc-redundant-expression) */
		 .dst_reg = BPF_REG_2,
		 .src_reg = BPF_PSEUDO_MAP_FD,
		 .imm = map},
		{},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = 1},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_4},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_sk_redirect_map},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int program = bpf_prog_load(BPF_PROG_TYPE_SK_SKB, "watched", "GPL", redirect, 6, NULL);
	struct pair in = connect_pair(0), out = connect_pair(0);

	send_all(in.near, 1000);
	receive_all(in.far, 1000, 0);
	if (map < 0 || program < 0 || bpf_map_update_elem(map, &one, &out.near, BPF_ANY) ||
	    bpf_prog_attach(program, map, BPF_SK_SKB_STREAM_VERDICT, 0) ||
	    bpf_map_update_elem(map, &zero, &in.far, BPF_ANY))
		fail("sockmap");
	for (int i = 0; i < ROUNDS; i++) {
		send_all(in.near, 10000);
		receive_all(out.far, 10000, 0);
	}
	printf("{\"sent\": %d, \"received\": %d, \"redirected\": %d}\n", 1000 + ROUNDS * 10000,
	       1000 + ROUNDS * 10000, ROUNDS * 10000);
}

static void pin_all(int fd, size_t bytes)
{
	int one = 1, room = 8 * 1024 * 1024;

	if (setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)))
		fail("setsockopt");
	for (size_t sent = 0; sent < bytes;) {
		ssize_t took = send(fd, data, CHUNK, MSG_ZEROCOPY);

		if (took <= 0)
			fail("zerocopy send");
		sent += took;
	}
}

/* The sender pins, and is gone before most of it can leave: its peer has not read. */
static void act_leave(void)
{
	struct pair pair = connect_pair(0);
	int status;
	pid_t sender = fork();

	if (!sender) {
		pin_all(pair.near, ROUNDS * CHUNK);
		_exit(0);
	}
	close(pair.near);
	if (waitpid(sender, &status, 0) != sender || status)
		fail("the sender");
	receive_all(pair.far, ROUNDS * CHUNK, 0);
	printf("{\"sent\": %d, \"received\": %d, \"sender\": %d, \"receiver\": %d}\n",
	       ROUNDS * CHUNK, ROUNDS * CHUNK, sender, getpid());
}

/* One socket, two senders: a process sends a quarter, its child the rest; a third receives. */
static void act_share(void)
{
	struct pair pair = connect_pair(0);
	int status, ended = 0;
	pid_t receiver = fork(), child;

	if (!receiver) {
		usleep(200 * 1000); /* so that most of the quarter leaves after its sender's turn */
		receive_all(pair.far, ROUNDS * CHUNK, 0);
		_exit(0);
	}
	pin_all(pair.near, ROUNDS / 4 * CHUNK);
	child = fork();
	if (!child) {
		pin_all(pair.near, (ROUNDS - ROUNDS / 4) * CHUNK);
		_exit(0);
	}
	while (ended < 2 && wait(&status) > 0 && !status)
		ended++;
	if (ended < 2)
		fail("a child");
	printf("{\"parent\": %d, \"child\": %d, \"quarter\": %d, \"rest\": %d}\n", getpid(), child,
	       ROUNDS / 4 * CHUNK, (ROUNDS - ROUNDS / 4) * CHUNK);
}

/* Sends what does not fit, and waits two seconds, or for a file, for its peer to make room. */
static void act_wait(void)
{
	struct pair pair = connect_pair(0);
	int status;
	pid_t sender = fork();

	if (!sender) {
		send_all(pair.near, 100 * CHUNK);
		_exit(0);
	}
	if (!arguments[0])
		sleep(2);
	while (arguments[0] && access(arguments[0], F_OK))
		usleep(10000);
	receive_all(pair.far, 100 * CHUNK, 0);
	if (waitpid(sender, &status, 0) != sender || status)
		fail("the sender");
	printf("{\"sent\": %d, \"received\": %d}\n", 100 * CHUNK, 100 * CHUNK);
}

/* A connection between two network namespaces, of which the far one has the address. */
static struct pair connect_across(const char *near, const char *far, struct sockaddr_in *address)
{
	struct pair pair;
	int fd;

	enter_namespace(far);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(fd, (void *)address, sizeof(*address)) || listen(fd, 1))
		fail("listen");
	enter_namespace(near);
	pair.near = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(pair.near, (void *)address, sizeof(*address)))
		fail("connect");
	pair.far = accept(fd, NULL, NULL);
	if (pair.far < 0)
		fail("accept");
	close(fd);
	return pair;
}

/* What the two sides of act_across() share. */
struct shared {
	volatile int enough;
	volatile long sent;
	volatile long again; /* of these, sent more than once, as TCP counts it */
};

static void send_until_enough(int fd, struct shared *shared)
{
	struct tcp_info info = {};
	int unacknowledged = 1;

	while (!shared->enough) {
		send_all(fd, CHUNK);
		shared->sent += CHUNK;
	}
	while (!ioctl(fd, SIOCOUTQ, &unacknowledged) && unacknowledged)
		usleep(1000);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &(socklen_t){sizeof(info)}))
		fail("TCP_INFO");
	shared->again = info.tcpi_bytes_retrans;
}

/* Until the end; enough is sent when the command has come to its own. */
static long receive_until_end(int fd, pid_t command, struct shared *shared)
{
	long received = 0;
	int status = 0;
	ssize_t got;

	while ((got = recv(fd, back, CHUNK, 0)) > 0) {
		received += got;
		if (!shared->enough && waitpid(command, &status, WNOHANG) == command)
			shared->enough = 1;
	}
	if (got || status)
		fail("recv");
	return received;
}

/*
 * across NEAR FAR ADDRESS [CUT]: pins pages for sends from one network namespace to the other,
 * which has the address. With CUT, a command, sends plainly instead, all the time while that runs.
 */
static void act_across(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(5799)};
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long received = ROUNDS * CHUNK;
	pid_t sender, command;
	int fd, near, far, status;

	if (!arguments[0] || !arguments[1] || !arguments[2] || shared == MAP_FAILED ||
	    inet_pton(AF_INET, arguments[2], &address.sin_addr) != 1)
		fail("across NEAR FAR ADDRESS [CUT]");
	enter_namespace(arguments[1]);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(fd, (void *)&address, sizeof(address)) || listen(fd, 1))
		fail("listen");
	sender = fork();
	if (!sender) {
		enter_namespace(arguments[0]);
		near = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(near, (void *)&address, sizeof(address)))
			fail("connect");
		shared->sent = arguments[3] ? 0 : received;
		if (arguments[3])
			send_until_enough(near, shared);
		else
			pin_all(near, received);
		_exit(0);
	}
	far = accept(fd, NULL, NULL);
	command = arguments[3] ? fork() : 0;
	if (arguments[3] && !command)
		_exit(system(arguments[3]) != 0);
	if (command)
		received = receive_until_end(far, command, shared);
	else
		receive_all(far, received, 0);
	if (waitpid(sender, &status, 0) != sender || status)
		fail("the sender");
	printf("{\"sent\": %ld, \"again\": %ld, \"received\": %ld, \"sender\": %d, \"receiver\": "
	       "%d}\n",
	       shared->sent, shared->again, received, sender, getpid());
}

/*
 * full COUNT BYTES ROOM [NEAR FAR ADDRESS]: sends so many pieces of so many bytes to a receiver
 * that does not read, and whose buffer has less room than the packets take, so that the kernel has
 * to copy them together. Peeks before it reads.
 */
static void act_full(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(5799)};
	int count, bytes, room, one = 1, unacknowledged;
	struct pair pair;

	if (!arguments[0] || !arguments[1] || !arguments[2])
		fail("full COUNT BYTES ROOM");
	count = atoi(arguments[0]);
	bytes = atoi(arguments[1]);
	room = atoi(arguments[2]);
	if (arguments[3] && (!arguments[4] || !arguments[5] ||
			     inet_pton(AF_INET, arguments[5], &address.sin_addr) != 1))
		fail("full COUNT BYTES ROOM NEAR FAR ADDRESS");
	pair = arguments[3] ? connect_across(arguments[3], arguments[4], &address)
			    : connect_pair(0);
	send_all(pair.near, CHUNK); /* from which it learns what packets take */
	receive_all(pair.far, CHUNK, 0);
	if (setsockopt(pair.near, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) ||
	    setsockopt(pair.far, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)))
		fail("setsockopt");
	for (int piece = 1; piece <= count; piece++) {
		if (send(pair.near, data, bytes, 0) != bytes)
			fail("send");
		/* more under way would be one packet; what is dropped waits for room, and we not */
		for (int ms = 0; !(piece % 8) && ms < 100; ms++) {
			if (ioctl(pair.near, SIOCOUTQ, &unacknowledged) || !unacknowledged)
				break;
			usleep(1000);
		}
	}
	if (recv(pair.far, back, CHUNK, MSG_PEEK) <= 0)
		fail("peek");
	receive_all(pair.far, count * bytes, 0);
	printf("{\"sent\": %d, \"received\": %d, \"pieces\": %d}\n", CHUNK + count * bytes,
	       CHUNK + count * bytes, count * bytes);
}

static void act_connections(void)
{
	for (int i = 0; i < CONNECTIONS; i++) {
		struct pair pair = connect_pair(0);

		send_all(pair.near, 100);
		receive_all(pair.far, 100, 0);
		send_all(pair.far, 1000);
		receive_all(pair.near, 1000, 0);
		close(pair.near);
		close(pair.far);
	}
	printf("{\"sent\": %d, \"received\": %d}\n", CONNECTIONS * 1100, CONNECTIONS * 1100);
}

/* Sends with MSG_ZEROCOPY: half of it on a socket without SO_ZEROCOPY, half with. */
static void act_ignored(void)
{
	struct pair pair = connect_pair(0);
	int one = 1;

	for (int i = 0; i < 2 * ROUNDS; i++) {
		if (i == ROUNDS &&
		    setsockopt(pair.near, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
			fail("SO_ZEROCOPY");
		if (send(pair.near, data, 10000, MSG_ZEROCOPY) != 10000)
			fail("zerocopy send");
		receive_all(pair.far, 10000, 0);
	}
	printf("{\"sent\": %d, \"received\": %d, \"ignored\": %d}\n", 2 * ROUNDS * 10000,
	       2 * ROUNDS * 10000, ROUNDS * 10000);
}

/* receives until so many bytes have come, in another process; waits for it */
static void lock_step(const struct pair *pair, void (*turn)(int fd, int file), size_t bytes)
{
	int file = memfd_create("corked", 0), one = 1, status, left = 1;
	pid_t receiver = fork();

	if (!receiver) {
		receive_all(pair->far, ROUNDS * bytes, 0);
		_exit(0);
	}
	if (write(file, "file", 4) != 4 || ftruncate(file, CHUNK) ||
	    setsockopt(pair->near, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		fail("setsockopt");
	for (int i = 0; i < ROUNDS; i++) {
		turn(pair->near, file);
		/* one round at a time: nothing is sent again */
		while (!ioctl(pair->near, SIOCOUTQ, &left) && left)
			usleep(100);
	}
	if (waitpid(receiver, &status, 0) != receiver || status)
		fail("the receiver");
}

static void send_beside(int fd, int file)
{
	(void)file;
	if (send(fd, data, 1000, MSG_MORE) != 1000 || send(fd, data, 60000, MSG_ZEROCOPY) != 60000)
		fail("send");
}

static void sendfile_beside(int fd, int file)
{
	int on = 1, off = 0;
	off_t from = 0;

	if (setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on)) ||
	    sendfile(fd, file, &from, 1000) != 1000 ||
	    send(fd, data, 60000, MSG_ZEROCOPY) != 60000 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off)))
		fail("sendfile");
}

/* Plain bytes, and pinned ones behind them in the same packet; with an argument, a file's bytes. */
static void act_beside(void)
{
	struct pair pair = connect_pair(0);

	lock_step(&pair, arguments[0] ? sendfile_beside : send_beside, 61000);
	printf("{\"sent\": %d, \"received\": %d, \"pinned\": %d, \"beside\": %d}\n", ROUNDS * 61000,
	       ROUNDS * 61000, ROUNDS * 60000, ROUNDS * 1000);
}

/* Reads each byte with MSG_PEEK, then discards it. */
static void act_peek_discard(void)
{
	struct pair pair = connect_pair(0);

	for (int i = 0; i < ROUNDS; i++) {
		send_all(pair.near, 1000);
		if (recv(pair.far, back, 1000, MSG_PEEK | MSG_WAITALL) != 1000)
			fail("peek");
		receive_all(pair.far, 1000, MSG_TRUNC);
	}
	printf("{\"sent\": %d, \"received\": 0, \"discarded\": %d}\n", ROUNDS * 1000,
	       ROUNDS * 1000);
}

static void set_repair(int fd, int on)
{
	int queue = TCP_RECV_QUEUE;

	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on)) ||
	    (on == TCP_REPAIR_ON &&
	     setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, &queue, sizeof(queue))))
		fail("TCP_REPAIR");
}

/* Sends, then fills the receiver's queue as a restore does (CRIU), and receives all of it. */
static void act_repair(void)
{
	struct pair pair = connect_pair(0);

	send_all(pair.near, 5000);
	receive_all(pair.far, 5000, 0);
	for (int i = 0; i < ROUNDS; i++) {
		set_repair(pair.far, TCP_REPAIR_ON);
		send_all(pair.far, 1000);
		set_repair(pair.far, TCP_REPAIR_OFF_NO_WP);
		receive_all(pair.far, 1000, 0);
	}
	printf("{\"sent\": 5000, \"received\": %d, \"repaired\": %d}\n", 5000 + ROUNDS * 1000,
	       ROUNDS * 1000);
}

static const struct {
	const char *word;
	void (*act)(void);
} acts[] = {
	{"peek", act_peek},
	{"truncate", act_truncate},
	{"urgent", act_urgent},
	{"many", act_many},
	{"splice", act_splice},
	{"map", act_map},
	{"tls", act_tls},
	{"fast-open", act_fast_open},
	{"mptcp", act_mptcp},
	{"connections", act_connections},
	{"sockmap", act_sockmap},
	{"ingress", act_ingress},
	{"leave", act_leave},
	{"across", act_across},
	{"wait", act_wait},
	{"full", act_full},
	{"redirect", act_redirect},
	{"unsent", act_unsent},
	{"share", act_share},
	{"ignored", act_ignored},
	{"peek-discard", act_peek_discard},
	{"repair", act_repair},
	{"beside", act_beside},
};

int main(int argc, char **argv)
{
	arguments = argv + 2;
	for (size_t i = 0; argc >= 2 && i < sizeof(acts) / sizeof(*acts); i++) {
		if (strcmp(argv[1], acts[i].word))
			continue;
		acts[i].act();
		return 0;
	}
	fputs("usage: watched WHAT\n", stderr);
	return 2;
}
