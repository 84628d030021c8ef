// SPDX-License-Identifier: GPL-2.0
/* The receiving side: a client that reads to the end, and with --verify checks each byte. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "traffic/crew.h"

#define CONNECT_SECONDS 10
/* Far less than half of any receive buffer, so a reader never waits for more than fits into it. */
#define WAKE_BYTES 16384

/*
 * Sets SO_RCVLOWAT, so that a piece wakes the receiver and not each packet (tcp_data_ready). But
 * then more is acknowledged at once (__tcp_ack_snd_check), and the sender's packets are as small as
 * what it had by then. So it is set only for large messages, or if a segment has room for a piece,
 * as on the loopback. There it is not set for small messages: a sender that waits for its pinned
 * pages may have pinned less than a piece. It is not set with RUN_RR: tcp_recvmsg takes what has
 * arrived before it sleeps, and a smaller rest would not wake it.
 */
static int receiver__wake_for_pieces(struct crew *crew, int fd)
{
	size_t least = WAKE_BYTES;
	int segment;

	if (getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, &(socklen_t){sizeof(segment)}))
		return failure__set(&crew->failure, -errno, "TCP_MAXSEG: %m");
	if (segment >= WAKE_BYTES)
		least = WAKE_BYTES / 16;
	if (crew->spec->mode == RUN_RR || crew->spec->message_bytes < least)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &(int){WAKE_BYTES}, sizeof(int)))
		return failure__set(&crew->failure, -errno, "SO_RCVLOWAT: %m");
	return 0;
}

static int receiver__connect_one(struct crew *crew, struct worker *worker)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr = crew->spec->address,
		.sin_port = htons(crew->port),
	};
	struct control_message connected = {.type = CONTROL_CONNECTED};
	struct timeval patience = {.tv_sec = CONNECT_SECONDS};
	char text[INET_ADDRSTRLEN];

	worker->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (worker->fd < 0)
		return failure__set(&crew->failure, -errno, "socket: %m%s",
				    errno == EMFILE ? "; raise ulimit -n or use fewer threads"
						    : "");
	/* SO_SNDTIMEO limits connect() too, which otherwise tries for two minutes. */
	setsockopt(worker->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	inet_ntop(AF_INET, &address.sin_addr, text, sizeof(text));
	if (connect(worker->fd, (struct sockaddr *)&address, sizeof(address))) {
		if (errno == EINPROGRESS)
			errno = ETIMEDOUT;
		return failure__set(&crew->failure, -errno, "cannot connect to %s port %u: %m",
				    text, crew->port);
	}
	if (getsockname(worker->fd, (struct sockaddr *)&address, &(socklen_t){sizeof(address)}))
		return failure__set(&crew->failure, -errno, "getsockname: %m");
	worker->port = ntohs(address.sin_port);
	connected.peer = address;
	return control__send(crew->control, &connected)
		       ?: receiver__wake_for_pieces(crew, worker->fd);
}

static int receiver__connect(struct crew *crew)
{
	int err = 0;

	for (unsigned int i = 0; i < crew->spec->threads && !err; i++)
		err = receiver__connect_one(crew, &crew->workers[i]);
	return err;
}

static int receiver__open(struct worker *worker)
{
	const struct run_spec *spec = worker->crew->spec;
	int err;

	worker->tcp_error = tcp_count__taken(worker->fd, &worker->tcp_before);
	worker->receiver = (struct receiver){
		.fd = worker->fd,
		.message_bytes = spec->message_bytes,
		.stream_seed = worker->port,
		.verify = spec->verify,
		.failure = &worker->failure,
	};
	err = spec->transport->receiver->open(&worker->receiver);
	if (err || spec->mode != RUN_RR)
		return err;
	worker->latency = malloc(sizeof(*worker->latency));
	if (!worker->latency)
		return failure__set(&worker->failure, -ENOMEM, "cannot allocate a histogram");
	/* writes each page, so that no page fault is timed */
	memset(worker->latency, 0, sizeof(*worker->latency));
	return 0;
}

/*
 * Takes payload that has arrived, `bytes` at most. Returns their number, 0 at the end of the
 * stream, or a negative errno.
 */
static ssize_t receiver__take(struct worker *worker, size_t bytes)
{
	return worker->crew->spec->transport->receiver->take(&worker->receiver, bytes);
}

static int receiver__take_rest(struct worker *worker)
{
	struct receive_counts *counts = &worker->receiver.counts;
	uint64_t taken = 0;
	ssize_t length;
	int err;

	do
		length = receiver__take(worker, SIZE_MAX);
	while (length > 0);
	counts->messages = counts->payload_bytes / worker->crew->spec->message_bytes;
	if (length < 0)
		return length;
	/* the stream has ended: no more arrives between the two readings */
	err = tcp_count__taken(worker->fd, &taken);
	worker->tcp = tcp_count__between(worker->tcp_error, worker->tcp_before, err, taken);
	return 0;
}

/* Ends this direction; sender__settle() waits for it. */
static int receiver__end(struct worker *worker)
{
	if (shutdown(worker->fd, SHUT_WR))
		return failure__set(&worker->failure, -errno, "shutdown: %m");
	return 0;
}

static int receiver__stream(struct worker *worker)
{
	return receiver__take_rest(worker) ?: receiver__end(worker);
}

/* Sends a request and takes the whole message that answers it. */
static int receiver__ask(struct worker *worker)
{
	static const char request[REQUEST_BYTES];
	size_t left = worker->crew->spec->message_bytes;
	ssize_t length;

	length = TEMP_FAILURE_RETRY(send(worker->fd, request, sizeof(request), MSG_NOSIGNAL));
	if (length < 0)
		return failure__set(&worker->failure, -errno, "send of a request: %m");
	worker->requests.requests++;
	worker->requests.bytes += length;
	for (; left; left -= length) {
		length = receiver__take(worker, left);
		if (length == 0)
			return failure__set(&worker->failure, -ECONNRESET,
					    "the sender ended in the middle of an answer");
		if (length < 0)
			return length;
	}
	worker->receiver.counts.messages++;
	return 0;
}

static int receiver__converse(struct worker *worker)
{
	uint64_t start_ns;
	int err = 0;

	while (!err && !worker__is_done(worker, worker->receiver.counts.messages)) {
		start_ns = control__now();
		err = receiver__ask(worker);
		if (!err)
			histogram__record(worker->latency, control__now() - start_ns);
	}
	/* stops asking, then reads until the sender has seen that */
	if (!err)
		err = receiver__end(worker);
	return err ?: receiver__take_rest(worker);
}

static int receiver__work(struct worker *worker)
{
	return worker->crew->spec->mode == RUN_RR ? receiver__converse(worker)
						  : receiver__stream(worker);
}

static void receiver__close(struct worker *worker)
{
	free(worker->latency);
	worker->crew->spec->transport->receiver->close(&worker->receiver);
	close(worker->fd);
}

const struct role receiver_role = {
	.side = RECEIVER,
	.process_name = "harness-recv",
	.connect = receiver__connect,
	.open = receiver__open,
	.work = receiver__work,
	.close = receiver__close,
};
