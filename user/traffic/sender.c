// SPDX-License-Identifier: GPL-2.0
/* The sending side: a server that sends to each connection. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/net_tstamp.h>
#include <linux/tcp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic/admission.h"
#include "traffic/crew.h"

static int sender__listen(struct crew *crew, int fd)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr = crew->spec->address,
		.sin_port = htons(crew->spec->port),
	};
	struct control_message listening = {.type = CONTROL_LISTENING};
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &address.sin_addr, text, sizeof(text));
	/* An earlier run may have left connections in TIME_WAIT. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, SOMAXCONN) ||
	    getsockname(fd, (struct sockaddr *)&address, &(socklen_t){sizeof(address)}))
		return failure__set(&crew->failure, -errno, "cannot listen on %s port %u: %m%s",
				    text, crew->spec->port,
				    errno == EADDRINUSE ? "; stop what uses the port or use another"
							: "");
	listening.port = ntohs(address.sin_port);
	return control__send(crew->control, &listening);
}

static int sender__connect(struct crew *crew)
{
	int err, fd;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return failure__set(&crew->failure, -errno, "socket: %m");
	err = sender__listen(crew, fd);
	if (!err)
		err = admission__run(crew, fd);
	close(fd);
	return err;
}

static int sender__open(struct worker *worker)
{
	const struct run_spec *spec = worker->crew->spec;

	int wanted = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;

	if (spec->timestamps &&
	    setsockopt(worker->fd, SOL_SOCKET, SO_TIMESTAMPING, &wanted, sizeof(wanted)))
		return failure__set(&worker->failure, -errno, "SO_TIMESTAMPING: %m");
	/* TCP_NODELAY: else an answer of several sends waits for a delayed ACK (40 ms). */
	if (spec->mode == RUN_RR &&
	    setsockopt(worker->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)))
		return failure__set(&worker->failure, -errno, "TCP_NODELAY: %m");
	worker->sender = (struct sender){
		.fd = worker->fd,
		.message_bytes = spec->message_bytes,
		.stream_seed = worker->port,
		.verify = spec->verify,
		.fault = spec->fault,
		.failure = &worker->failure,
	};
	worker->tcp_error = tcp_count__given(worker->fd, &worker->tcp_before);
	return spec->transport->sender->open(&worker->sender);
}

static int sender__stream(struct worker *worker)
{
	const struct send_method *method = worker->crew->spec->transport->sender;
	int err = 0;

	while (!err && !worker__is_done(worker, worker->sender.counts.messages))
		err = method->send(&worker->sender);
	return err;
}

/* Answers each request with a message, until the receiver asks for no more. */
static int sender__answer(struct worker *worker)
{
	const struct send_method *method = worker->crew->spec->transport->sender;
	char request[REQUEST_BYTES];
	ssize_t length;
	int err = 0;

	while (!err) {
		length = TEMP_FAILURE_RETRY(recv(worker->fd, request, sizeof(request), 0));
		if (length < 0)
			return failure__set(&worker->failure, -errno, "recv of a request: %m");
		if (length == 0)
			return 0;
		worker->requests.requests++;
		worker->requests.bytes += length;
		err = method->send(&worker->sender);
	}
	return err;
}

/*
 * Waits for the receiver's end of file, which acknowledges all that was sent. Nothing is sent after
 * it, so TCP's count of what it passed to the network (__tcp_transmit_skb) is final.
 */
static int sender__settle(struct worker *worker)
{
	struct tcp_info info = {};
	socklen_t length = sizeof(info);
	uint64_t given = 0;
	char byte;
	int err;

	if (TEMP_FAILURE_RETRY(recv(worker->fd, &byte, sizeof(byte), 0)) < 0)
		return failure__set(&worker->failure, -errno, "recv: %m");
	if (getsockopt(worker->fd, IPPROTO_TCP, TCP_INFO, &info, &length))
		return failure__set(&worker->failure, -errno, "TCP_INFO: %m");
	if (length < offsetof(struct tcp_info, tcpi_bytes_sent) + sizeof(info.tcpi_bytes_sent))
		return failure__set(&worker->failure, -EOPNOTSUPP,
				    "TCP_INFO does not say what was sent: Linux before 4.19");
	worker->sender.counts.tcp_bytes = info.tcpi_bytes_sent;
	err = tcp_count__given(worker->fd, &given);
	worker->tcp = tcp_count__between(worker->tcp_error, worker->tcp_before, err, given);
	return 0;
}

static int sender__work(struct worker *worker)
{
	const struct run_spec *spec = worker->crew->spec;
	const struct send_method *method = spec->transport->sender;
	int err = spec->mode == RUN_RR ? sender__answer(worker) : sender__stream(worker);

	if (err)
		return err;
	/*
	 * Before drain(): a FIN makes tcp_send_fin() push what Nagle holds back, and the receiver
	 * acknowledges at once. Else the last completions wait for a delayed ACK (40 ms).
	 */
	if (shutdown(worker->fd, SHUT_WR))
		return failure__set(&worker->failure, -errno, "shutdown: %m");
	err = method->drain ? method->drain(&worker->sender) : 0;
	return err ? err : sender__settle(worker);
}

static void sender__close(struct worker *worker)
{
	worker->crew->spec->transport->sender->close(&worker->sender);
	close(worker->fd);
}

const struct role sender_role = {
	.side = SENDER,
	.process_name = "harness-send",
	.connect = sender__connect,
	.open = sender__open,
	.work = sender__work,
	.close = sender__close,
};
