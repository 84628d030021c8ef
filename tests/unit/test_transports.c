// SPDX-License-Identifier: GPL-2.0
/* Each transport on one connection within this process, beneath the runner. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <cmocka.h>

#include "traffic/message.h"
#include "traffic/ring.h"
#include "traffic/send.h"

#define SEED 12345

struct connection {
	int sender_fd, receiver_fd;
	pthread_t reader;
	unsigned int pause_us; /* between two reads */
	uint64_t received;
	bool wrong;
};

static void connection__open(struct connection *connection)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	memset(connection, 0, sizeof(*connection));
	connection->receiver_fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_return_code(bind(listener, (struct sockaddr *)&address, sizeof(address)), errno);
	assert_return_code(listen(listener, 1), errno);
	getsockname(listener, (struct sockaddr *)&address, &(socklen_t){sizeof(address)});
	assert_return_code(
		connect(connection->receiver_fd, (struct sockaddr *)&address, sizeof(address)),
		errno);
	connection->sender_fd = accept(listener, NULL, NULL);
	close(listener);
}

static void *connection__read(void *data)
{
	struct connection *connection = data;
	static char buffer[1 << 16];
	ssize_t length;

	while ((length = recv(connection->receiver_fd, buffer, sizeof(buffer), 0)) > 0) {
		if (pattern__check(buffer, length, SEED, connection->received) != (size_t)length)
			connection->wrong = true;
		connection->received += length;
		if (connection->pause_us)
			usleep(connection->pause_us);
	}
	return NULL;
}

static void connection__close(struct connection *connection)
{
	close(connection->sender_fd);
	close(connection->receiver_fd);
}

/* Sends and drains; the caller looks at the counts. */
static void send_messages(struct connection *connection, const struct send_method *method,
			  struct sender *sender, unsigned int messages)
{
	assert_int_equal(method->open(sender), 0);
	pthread_create(&connection->reader, NULL, connection__read, connection);
	for (unsigned int i = 0; i < messages; i++)
		assert_int_equal(method->send(sender), 0);
	shutdown(connection->sender_fd, SHUT_WR);
	if (method->drain)
		assert_int_equal(method->drain(sender), 0);
	pthread_join(connection->reader, NULL);
	method->close(sender);
}

static void test_header_advance(void **state)
{
	char data[10];

	(void)state;
	for (size_t step = 1; step <= sizeof(data); step++) {
		struct iovec pieces[] = {{data, 1}, {data + 1, 4}, {data + 5, 5}};
		struct msghdr header = {.msg_iov = pieces, .msg_iovlen = 3};

		for (size_t done = 0; done < sizeof(data);) {
			size_t left = sizeof(data) - done, sum = 0;

			assert_ptr_equal(header.msg_iov[0].iov_base, data + done);
			for (size_t i = 0; i < header.msg_iovlen; i++)
				sum += header.msg_iov[i].iov_len;
			assert_int_equal(sum, left);
			header__advance(&header, step < left ? step : left);
			done += step < left ? step : left;
		}
		assert_int_equal(header.msg_iovlen, 0);
	}
}

static void test_find(void **state)
{
	(void)state;
	for (int i = 0; transports[i]; i++)
		assert_ptr_equal(transport__find(transports[i]->name), transports[i]);
	assert_ptr_equal(transports[0], &two_copy);
	assert_null(transport__find("carrier_pigeon"));
	assert_null(transport__find(""));
	assert_null(transport__find("+recv"));
	assert_null(transport__find("two_copy+"));
	assert_null(transport__find("two_copy+carrier_pigeon"));
}

/* A sender alone has recv() as its receiver; a pair is one object under each of its names. */
static void test_pairs(void **state)
{
	(void)state;
	assert_ptr_equal(transport__find("two_copy+recv"), &two_copy);
	for (int s = 0; senders[s]; s++) {
		for (int r = 0; receivers[r]; r++) {
			char name[64];
			const struct transport *pair;

			snprintf(name, sizeof(name), "%s+%s", senders[s]->name, receivers[r]->name);
			pair = transport__find(name);
			assert_non_null(pair);
			assert_ptr_equal(pair->sender, senders[s]);
			assert_ptr_equal(pair->receiver, receivers[r]);
			assert_string_equal(pair->name, r ? name : senders[s]->name);
			assert_ptr_equal(transport__find(pair->name), pair);
		}
	}
}

/* System calls per message. */
static unsigned int calls_of(const struct send_method *method)
{
	if (method == &sender_eight_sends)
		return FIELDS;
	return method == &sender_sendfile_corked ? 2 : 1;
}

/* splice() moves what a pipe holds, and io_uring returns with what is complete. */
static bool may_call_more(const struct send_method *method)
{
	return method == &sender_splice || method->inside_ring;
}

/* Completions per message of sends that are not partial. */
static unsigned int completions_of(const struct send_method *method)
{
	if (method == &sender_uring_zc)
		return FIELDS;
	return method == &sender_zero_copy;
}

static void test_counts(void **state)
{
	static const size_t sizes[] = {8, 9, 64, 1000, 4096, 65536, 1 << 20};
	const unsigned int messages = 50;

	(void)state;
	for (int t = 0; senders[t]; t++) {
		for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
			struct failure failure = {};
			struct connection connection;
			struct sender sender = {.message_bytes = sizes[s],
						.stream_seed = SEED,
						.verify = true,
						.failure = &failure};
			const struct send_counts *counts = &sender.counts;

			connection__open(&connection);
			sender.fd = connection.sender_fd;
			send_messages(&connection, senders[t], &sender, messages);
			connection__close(&connection);

			assert_int_equal(counts->messages, messages);
			assert_int_equal(counts->payload_bytes, messages * sizes[s]);
			assert_int_equal(connection.received, messages * sizes[s]);
			assert_false(connection.wrong);
			if (may_call_more(senders[t]))
				assert_true(counts->calls >= messages);
			else
				assert_int_equal(counts->calls - counts->enobufs_waits,
						 messages * calls_of(senders[t]));
			assert_int_equal(counts->copied_bytes,
					 senders[t] == &sender_two_copy ? messages * sizes[s] : 0);
			assert_int_equal(counts->copies,
					 senders[t] == &sender_two_copy ? messages * 8 : 0);
			assert_int_equal(counts->completions_expected,
					 messages * completions_of(senders[t]));
			assert_int_equal(counts->completions_received,
					 counts->completions_expected);
			assert_true(counts->completions_copied <= counts->completions_received);
		}
	}
}

/* A stream of messages, then its end, in pieces of at most `piece` bytes. */
static void receive_all(const struct receive_method *method, size_t message_bytes, size_t piece)
{
	const unsigned int messages = 40;
	struct failure failure = {};
	struct connection connection;
	struct sender sender = {.message_bytes = message_bytes,
				.stream_seed = SEED,
				.verify = true,
				.failure = &failure};
	struct receiver receiver = {.message_bytes = message_bytes,
				    .stream_seed = SEED,
				    .verify = true,
				    .failure = &failure};
	ssize_t length;

	connection__open(&connection);
	sender.fd = connection.sender_fd;
	receiver.fd = connection.receiver_fd;
	assert_int_equal(sender_zero_copy.open(&sender), 0);
	assert_int_equal(method->open(&receiver), 0);
	for (unsigned int i = 0; i < messages; i++) {
		assert_int_equal(sender_zero_copy.send(&sender), 0);
		for (size_t left = message_bytes; left; left -= length) {
			length = method->take(&receiver, MIN(left, piece));
			assert_in_range(length, 1, MIN(left, piece));
		}
	}
	shutdown(connection.sender_fd, SHUT_WR);
	assert_int_equal(method->take(&receiver, piece), 0);
	assert_int_equal(receiver.counts.payload_bytes, messages * message_bytes);
	/* one request of io_uring takes many pieces */
	assert_true(receiver.counts.calls > (method == &receiver_uring ? 0 : messages));
	assert_int_equal(sender_zero_copy.drain(&sender), 0);
	sender_zero_copy.close(&sender);
	method->close(&receiver);
	connection__close(&connection);
}

static void test_receivers(void **state)
{
	static const size_t sizes[] = {8, 1000, 4096, 65536, 1 << 18};

	(void)state;
	for (int r = 0; receivers[r]; r++) {
		for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
			receive_all(receivers[r], sizes[s], SIZE_MAX);
			receive_all(receivers[r], sizes[s], 5000);
		}
	}
}

/* Each receiver finds a wrong byte and its place. */
static void test_receivers_verify(void **state)
{
	(void)state;
	for (int r = 0; receivers[r]; r++) {
		struct failure failure = {};
		struct connection connection;
		struct receiver receiver = {.message_bytes = 8,
					    .stream_seed = SEED,
					    .verify = true,
					    .failure = &failure};
		unsigned char stream[16];

		pattern__write(stream, sizeof(stream), SEED, 0);
		stream[11] ^= 1;
		connection__open(&connection);
		receiver.fd = connection.receiver_fd;
		assert_int_equal(receivers[r]->open(&receiver), 0);
		assert_int_equal(send(connection.sender_fd, stream, sizeof(stream), 0),
				 sizeof(stream));
		assert_int_equal(receivers[r]->take(&receiver, SIZE_MAX), -EBADMSG);
		assert_non_null(strstr(failure.text, "position 11 (message 1)"));
		receivers[r]->close(&receiver);
		connection__close(&connection);
	}
}

static void ignore_signal(int signal)
{
	(void)signal;
}

/*
 * A signal makes a blocking send return the bytes sent so far, or EINTR for none. Here the sending
 * thread gets one each millisecond.
 */
static void test_partial_sends(void **state)
{
	const unsigned int messages = 2;
	const size_t bytes = 12000001;
	struct sigaction action = {.sa_handler = ignore_signal}; /* no SA_RESTART */
	struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1};
	struct itimerspec every_ms = {{0, 1000000}, {0, 1000000}};

	(void)state;
	sigaction(SIGUSR1, &action, NULL);
	event._sigev_un._tid = syscall(SYS_gettid);
	for (int t = 0; senders[t]; t++) {
		struct failure failure = {};
		struct connection connection;
		struct sender sender = {.message_bytes = bytes,
					.stream_seed = SEED,
					.verify = true,
					.failure = &failure};
		timer_t timer;

		connection__open(&connection);
		connection.pause_us = 500;
		sender.fd = connection.sender_fd;
		timer_create(CLOCK_MONOTONIC, &event, &timer);
		timer_settime(timer, 0, &every_ms, NULL);
		send_messages(&connection, senders[t], &sender, messages);
		timer_delete(timer);
		connection__close(&connection);

		assert_int_equal(sender.counts.payload_bytes, messages * bytes);
		assert_int_equal(connection.received, messages * bytes);
		assert_false(connection.wrong);
		/* Proof of partial sends, each with its own completion. */
		assert_true(sender.counts.calls > messages * calls_of(senders[t]));
		if (senders[t] == &sender_zero_copy)
			assert_true(sender.counts.completions_expected > messages);
		assert_int_equal(sender.counts.completions_expected,
				 sender.counts.completions_received);
	}
}

struct canceller {
	struct ring *ring;
	atomic_bool stop;
	unsigned int cancelled; /* times that something was */
};

/* Cancels whatever the ring waits for, each millisecond. */
static void *cancel_requests(void *data)
{
	struct canceller *canceller = data;

	while (!atomic_load(&canceller->stop)) {
		struct io_uring_sync_cancel_reg any = {.flags = IORING_ASYNC_CANCEL_ANY,
						       .timeout = {-1, -1}};

		if (io_uring_register_sync_cancel(&canceller->ring->uring, &any) > 0)
			canceller->cancelled++;
		usleep(1000);
	}
	return NULL;
}

/* A cancelled request sends a part of its field or nothing, and ends those linked to it. */
static void test_cancelled_sends(void **state)
{
	static const struct send_method *const methods[] = {&sender_uring_send, &sender_uring_zc};
	const unsigned int messages = 3;
	const size_t bytes = 8000001;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct failure failure = {};
		struct connection connection;
		struct sender sender = {.message_bytes = bytes,
					.stream_seed = SEED,
					.verify = true,
					.failure = &failure};
		struct canceller canceller = {};
		pthread_t thread;

		connection__open(&connection);
		connection.pause_us = 500;
		sender.fd = connection.sender_fd;
		assert_int_equal(methods[i]->open(&sender), 0);
		canceller.ring = sender.state; /* its first member */
		pthread_create(&connection.reader, NULL, connection__read, &connection);
		pthread_create(&thread, NULL, cancel_requests, &canceller);
		for (unsigned int m = 0; m < messages; m++)
			assert_int_equal(methods[i]->send(&sender), 0);
		atomic_store(&canceller.stop, true);
		pthread_join(thread, NULL);
		shutdown(sender.fd, SHUT_WR);
		if (methods[i]->drain)
			assert_int_equal(methods[i]->drain(&sender), 0);
		pthread_join(connection.reader, NULL);
		methods[i]->close(&sender);
		connection__close(&connection);

		assert_true(canceller.cancelled > 0);
		assert_true(sender.counts.calls > messages);
		assert_int_equal(sender.counts.payload_bytes, messages * bytes);
		assert_int_equal(connection.received, messages * bytes);
		assert_false(connection.wrong);
		assert_int_equal(sender.counts.completions_expected,
				 sender.counts.completions_received);
	}
}

static void *send_slowly(void *data)
{
	const struct connection *connection = data;
	unsigned char stream[50];

	pattern__write(stream, sizeof(stream), SEED, 0);
	for (size_t i = 0; i < sizeof(stream); i++) {
		usleep(2000);
		assert_int_equal(send(connection->sender_fd, &stream[i], 1, 0), 1);
	}
	shutdown(connection->sender_fd, SHUT_WR);
	return NULL;
}

static void test_cancelled_receives(void **state)
{
	struct failure failure = {};
	struct connection connection;
	struct receiver receiver = {
		.message_bytes = 8, .stream_seed = SEED, .verify = true, .failure = &failure};
	struct canceller canceller = {};
	pthread_t cancelling, sending;
	ssize_t length;

	(void)state;
	connection__open(&connection);
	receiver.fd = connection.receiver_fd;
	assert_int_equal(receiver_uring.open(&receiver), 0);
	canceller.ring = receiver.state; /* its first member */
	pthread_create(&cancelling, NULL, cancel_requests, &canceller);
	pthread_create(&sending, NULL, send_slowly, &connection);
	while ((length = receiver_uring.take(&receiver, SIZE_MAX)) > 0)
		;
	atomic_store(&canceller.stop, true);
	pthread_join(cancelling, NULL);
	pthread_join(sending, NULL);
	assert_int_equal(length, 0);
	assert_int_equal(receiver.counts.payload_bytes, 50);
	assert_true(canceller.cancelled > 1);
	receiver_uring.close(&receiver);
	connection__close(&connection);
}

/* ENOBUFS while sends are in flight means waiting; it is no error and no message is lost. */
static void test_little_locked_memory(void **state)
{
	struct rlimit before, little;
	struct failure failure = {};
	struct connection connection;
	struct sender sender = {
		.message_bytes = 65536, .verify = true, .stream_seed = SEED, .failure = &failure};

	(void)state;
	getrlimit(RLIMIT_MEMLOCK, &before);
	little = (struct rlimit){.rlim_cur = 256 << 10, .rlim_max = before.rlim_max};
	if (geteuid() == 0 && seteuid(65534))
		skip();
	setrlimit(RLIMIT_MEMLOCK, &little);
	connection__open(&connection);
	connection.pause_us = 1000;
	sender.fd = connection.sender_fd;
	send_messages(&connection, &sender_zero_copy, &sender, 100);
	connection__close(&connection);
	assert_int_equal(sender.counts.messages, 100);
	assert_true(sender.counts.enobufs_waits > 0);
	assert_int_equal(sender.counts.completions_received, 100);
	assert_false(connection.wrong);

	/* With nothing in flight there is no wait. */
	connection__open(&connection);
	sender = (struct sender){
		.fd = connection.sender_fd, .message_bytes = 1 << 20, .failure = &failure};
	assert_int_equal(sender_zero_copy.open(&sender), 0);
	assert_int_equal(sender_zero_copy.send(&sender), -ENOBUFS);
	assert_non_null(strstr(failure.text, "RLIMIT_MEMLOCK"));
	assert_non_null(strstr(failure.text, "optmem_max"));
	sender_zero_copy.close(&sender);
	connection__close(&connection);
	setrlimit(RLIMIT_MEMLOCK, &before);
	assert_return_code(seteuid(getuid()), errno);
}

/* Pages that io_uring registers count for RLIMIT_MEMLOCK, once; and are given back at the end. */
static void test_little_memory_to_register(void **state)
{
	struct rlimit before, little;
	struct failure failure = {};
	struct connection connection;
	struct sender sender = {.message_bytes = 4 << 20, .failure = &failure};

	(void)state;
	getrlimit(RLIMIT_MEMLOCK, &before);
	little = (struct rlimit){.rlim_cur = 4 << 20, .rlim_max = before.rlim_max};
	if (geteuid() == 0 && seteuid(65534))
		skip();
	setrlimit(RLIMIT_MEMLOCK, &little);
	connection__open(&connection);
	sender.fd = connection.sender_fd;
	assert_int_equal(sender_uring_zc.open(&sender), -ENOMEM);
	assert_non_null(strstr(failure.text, "RLIMIT_MEMLOCK"));
	sender_uring_zc.close(&sender);
	connection__close(&connection);

	/* each needs more than half of the limit */
	for (int i = 0; i < 4; i++) {
		failure = (struct failure){};
		sender = (struct sender){.message_bytes = 3 << 19, .failure = &failure};
		connection__open(&connection);
		sender.fd = connection.sender_fd;
		send_messages(&connection, &sender_uring_zc, &sender, 1);
		connection__close(&connection);
		assert_int_equal(sender.counts.completions_received, FIELDS);
	}
	setrlimit(RLIMIT_MEMLOCK, &before);
	assert_return_code(seteuid(getuid()), errno);
}

/*
 * More than all provided buffers hold arrives before the first take: the request ends and is made
 * again. A take of fewer bytes leaves the rest of a buffer for the next.
 */
static void test_full_ring_of_buffers(void **state)
{
	const size_t bytes = 3 << 20, piece = 100000;
	struct failure failure = {};
	struct connection connection;
	struct receiver receiver = {
		.message_bytes = bytes, .stream_seed = SEED, .verify = true, .failure = &failure};
	char *stream = malloc(bytes);
	size_t sent = 0;
	ssize_t length;

	(void)state;
	pattern__write(stream, bytes, SEED, 0);
	connection__open(&connection);
	receiver.fd = connection.receiver_fd;
	setsockopt(receiver.fd, SOL_SOCKET, SO_RCVBUFFORCE, &(int){8 << 20}, sizeof(int));
	assert_int_equal(receiver_uring.open(&receiver), 0);
	/* the first take makes the request */
	assert_int_equal(send(connection.sender_fd, stream, 1, 0), 1);
	assert_int_equal(receiver_uring.take(&receiver, piece), 1);
	for (sent = 1; sent < bytes;) {
		length = send(connection.sender_fd, stream + sent, bytes - sent, MSG_DONTWAIT);
		if (length > 0)
			sent += length;
		else
			assert_true(receiver_uring.take(&receiver, piece) > 0);
	}
	shutdown(connection.sender_fd, SHUT_WR);
	while ((length = receiver_uring.take(&receiver, piece)) > 0)
		assert_in_range(length, 1, piece);
	assert_int_equal(length, 0);
	assert_int_equal(receiver_uring.take(&receiver, piece), 0);
	assert_int_equal(receiver.counts.payload_bytes, bytes);
	receiver_uring.close(&receiver);
	connection__close(&connection);
	free(stream);
}

/* A connection that is reset ends the wait for completions with an error, at once. */
static void test_reset_ends_the_wait(void **state)
{
	(void)state;
	for (int t = 0; senders[t]; t++) {
		struct failure failure = {};
		struct connection connection;
		struct sender sender = {.message_bytes = 65536, .failure = &failure};
		struct linger reset = {.l_onoff = 1};
		int err = 0;

		connection__open(&connection);
		sender.fd = connection.sender_fd;
		assert_int_equal(senders[t]->open(&sender), 0);
		setsockopt(connection.receiver_fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(connection.receiver_fd);
		connection.receiver_fd = -1;
		for (int i = 0; i < 1000 && !err; i++)
			err = senders[t]->send(&sender);
		assert_true(err == -EPIPE || err == -ECONNRESET);
		assert_int_equal(failure.err, err);
		senders[t]->close(&sender);
		close(connection.sender_fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_advance),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_receivers),
		cmocka_unit_test(test_receivers_verify),
		cmocka_unit_test(test_partial_sends),
		cmocka_unit_test(test_little_locked_memory),
		cmocka_unit_test(test_cancelled_sends),
		cmocka_unit_test(test_cancelled_receives),
		cmocka_unit_test(test_little_memory_to_register),
		cmocka_unit_test(test_full_ring_of_buffers),
		cmocka_unit_test(test_reset_ends_the_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
