// SPDX-License-Identifier: GPL-2.0
/*
 * A program to be watched: sends over loopback TCP with io_uring, plainly or with zero-copy,
 * receives with io_uring, and prints what it moved as JSON.
 *
 * uring send|zerocopy
 * uring truncate: sends plainly, and discards a part of what it receives (MSG_TRUNC)
 * uring zcrx: sends plainly, and receives with zero-copy, without a device (7.x): the kernel then
 * copies every byte into the area that the program gave it, and counts them ("copied").
 */
#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CHUNK  65536
#define ROUNDS 50

static char data[CHUNK] __attribute__((aligned(4096)));
static char back[CHUNK];

static void fail(const char *what, int error)
{
	fprintf(stderr, "uring: %s: %s\n", what, strerror(error));
	exit(1);
}

static void connect_pair(int pair[2])
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	pair[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(fd, (void *)&address, length) || listen(fd, 1) ||
	    getsockname(fd, (void *)&address, &length) ||
	    connect(pair[0], (void *)&address, sizeof(address)))
		fail("connect", errno);
	pair[1] = accept(fd, NULL, NULL);
	close(fd);
}

/* The result of what was submitted; a zero-copy send's notification comes after it. */
static int finish(struct io_uring *ring)
{
	struct io_uring_cqe *cqe;
	int result, more;

	if (io_uring_submit_and_wait(ring, 1) < 0 || io_uring_wait_cqe(ring, &cqe))
		fail("io_uring", errno);
	result = cqe->res;
	more = cqe->flags & IORING_CQE_F_MORE;
	io_uring_cqe_seen(ring, cqe);
	if (result < 0)
		fail("operation", -result);
	return more ? -result : result;
}

static void wait_for_notification(struct io_uring *ring)
{
	struct io_uring_cqe *cqe;

	if (io_uring_wait_cqe(ring, &cqe))
		fail("notification", errno);
	io_uring_cqe_seen(ring, cqe);
}

/* zero-copy receive: linux/io_uring/zcrx.h, which is newer than the headers of most systems */

#define OP_RECV_ZC	    58
#define REGISTER_ZCRX_IFQ   32
#define REGION_OF_USER	    1
#define ZCRX_WITHOUT_DEVICE 2
#define REFILLS		    1024
#define AREA_BYTES	    (4 * 1024 * 1024)
#define AREA_OFFSET	    0xffffffffffffULL
#define EVENT_WITH_STATS    1
#define STATS_OFFSET	    (4096 + REFILLS * sizeof(struct refill))

struct zcrx_area {
	__u64 address, length, token;
	__u32 flags, dmabuf;
	__u64 zero[2];
};

struct region {
	__u64 address, size;
	__u32 flags, id;
	__u64 offset, zero[4];
};

struct zcrx {
	__u32 interface, queue, entries, flags;
	__u64 area, region;
	struct {
		__u32 head, tail, entries, zero;
		__u64 zeroes[2];
	} offsets;
	__u32 id, buffer_bytes;
	__u64 event, zero[2];
};

struct zcrx_event {
	__u64 data;
	__u32 types, flags;
	__u64 stats_offset, zero[9];
};

struct zcrx_stats {
	__u64 copies, bytes;
};

struct refill {
	__u64 offset;
	__u32 length, zero;
};

/* The buffers that go back to the kernel. */
struct refills {
	unsigned int *tail;
	struct refill *entry;
	__u64 token;
	const volatile struct zcrx_stats *stats; /* the kernel's own count */
};

static void *map(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap", errno);
	return memory;
}

static __u32 register_zcrx(struct io_uring *ring, struct refills *refills)
{
	size_t size = STATS_OFFSET + 4096;
	struct zcrx_area area = {.address = (uintptr_t)map(AREA_BYTES), .length = AREA_BYTES};
	struct region region = {
		.address = (uintptr_t)map(size), .size = size, .flags = REGION_OF_USER};
	struct zcrx_event event = {.flags = EVENT_WITH_STATS, .stats_offset = STATS_OFFSET};
	struct zcrx zcrx = {.entries = REFILLS,
			    .flags = ZCRX_WITHOUT_DEVICE,
			    .area = (uintptr_t)&area,
			    .region = (uintptr_t)&region,
			    .event = (uintptr_t)&event};

	if (syscall(SYS_io_uring_register, ring->ring_fd, REGISTER_ZCRX_IFQ, &zcrx, 1) < 0)
		fail("zero-copy receive", errno);
	refills->tail = (void *)(uintptr_t)(region.address + zcrx.offsets.tail);
	refills->entry = (void *)(uintptr_t)(region.address + zcrx.offsets.entries);
	refills->token = area.token;
	refills->stats = (void *)(uintptr_t)(region.address + STATS_OFFSET);
	return zcrx.id;
}

static void give_back(struct refills *refills, __u64 offset, __u32 length)
{
	unsigned int tail = *refills->tail;

	refills->entry[tail % REFILLS] = (struct refill){
		.offset = (offset & AREA_OFFSET) | refills->token, .length = length};
	__atomic_store_n(refills->tail, tail + 1, __ATOMIC_RELEASE);
}

static void prepare_receive(struct io_uring *ring, int fd, __u32 id)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	*sqe = (struct io_uring_sqe){.opcode = OP_RECV_ZC,
				     .fd = fd,
				     .ioprio = IORING_RECV_MULTISHOT,
				     .splice_fd_in = (int)id};
	if (io_uring_submit(ring) < 0)
		fail("io_uring", errno);
}

static int receive_without_copies(void)
{
	unsigned long sent = 0, received = 0;
	struct refills refills;
	struct io_uring_cqe *cqe;
	struct io_uring ring;
	int pair[2], err;
	__u32 id;

	err = io_uring_queue_init(64, &ring,
				  IORING_SETUP_CQE32 | IORING_SETUP_SINGLE_ISSUER |
					  IORING_SETUP_DEFER_TASKRUN);
	if (err)
		fail("io_uring_queue_init", -err);
	id = register_zcrx(&ring, &refills);
	connect_pair(pair);
	prepare_receive(&ring, pair[1], id);
	for (int i = 0; i < ROUNDS; i++) {
		if (send(pair[0], data, CHUNK, 0) != CHUNK)
			fail("send", errno);
		for (sent += CHUNK; received < sent; io_uring_cqe_seen(&ring, cqe)) {
			if (io_uring_wait_cqe(&ring, &cqe))
				fail("io_uring", errno);
			if (cqe->res <= 0 || !(cqe->flags & IORING_CQE_F_MORE))
				fail("receive", -cqe->res);
			received += cqe->res;
			give_back(&refills, cqe->big_cqe[0], cqe->res);
		}
	}
	printf("{\"sent\": %lu, \"received\": %lu, \"copied\": %llu}\n", sent, received,
	       refills.stats->bytes);
	return 0;
}

static int receive_and_discard(void)
{
	unsigned long received = 0, discarded = 0;
	struct io_uring ring;
	int pair[2], got, err = io_uring_queue_init(8, &ring, 0);

	if (err)
		fail("io_uring_queue_init", -err);
	connect_pair(pair);
	for (int i = 0; i < ROUNDS; i++) {
		int discards = i % 2;

		if (send(pair[0], data, CHUNK, 0) != CHUNK)
			fail("send", errno);
		for (int left = CHUNK; left; left -= got) {
			io_uring_prep_recv(io_uring_get_sqe(&ring), pair[1], back, left,
					   discards ? MSG_TRUNC : 0);
			got = finish(&ring);
			*(discards ? &discarded : &received) += got;
		}
	}
	printf("{\"sent\": %lu, \"received\": %lu, \"discarded\": %lu}\n", received + discarded,
	       received, discarded);
	return 0;
}

int main(int argc, char **argv)
{
	int zerocopy = argc == 2 && !strcmp(argv[1], "zerocopy"), pair[2];
	unsigned long sent = 0, received = 0, pending = 0;
	struct io_uring ring;
	int err = io_uring_queue_init(8, &ring, 0);

	if (argc != 2)
		return 2;
	if (!strcmp(argv[1], "zcrx"))
		return receive_without_copies();
	if (!strcmp(argv[1], "truncate"))
		return receive_and_discard();
	if (err)
		fail("io_uring_queue_init", -err);
	connect_pair(pair);
	for (int i = 0; i < ROUNDS; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
		int took;

		if (zerocopy)
			io_uring_prep_send_zc(sqe, pair[0], data, CHUNK, 0, 0);
		else
			io_uring_prep_send(sqe, pair[0], data, CHUNK, 0);
		took = finish(&ring);
		pending += took < 0;
		took = abs(took);
		sent += took;
		while (took > 0) {
			int got;

			sqe = io_uring_get_sqe(&ring);
			io_uring_prep_recv(sqe, pair[1], back, took, 0);
			got = finish(&ring);
			/* of an earlier send, without bytes */
			if (!got && pending) {
				pending--;
				got = finish(&ring);
			}
			took -= got;
			received += got;
		}
		while (pending) {
			wait_for_notification(&ring);
			pending--;
		}
	}
	printf("{\"sent\": %lu, \"received\": %lu}\n", sent, received);
	return 0;
}
