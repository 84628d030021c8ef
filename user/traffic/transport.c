// SPDX-License-Identifier: GPL-2.0
#include "traffic/transport.h"

#include <stdio.h>
#include <string.h>

const struct send_method *const senders[] = {
	&sender_two_copy,
	&sender_eight_sends,
	&sender_one_copy,
	&sender_zero_copy,
	&sender_writev,
	&sender_sendfile,
	&sender_sendfile_corked,
	&sender_splice,
	&sender_uring_send,
	&sender_uring_zc,
	NULL,
};

const struct receive_method *const receivers[] = {
	&receiver_recv, &receiver_mapped, &receiver_splice, &receiver_uring, NULL,
};

#define BY_RECV(sender) #sender, &sender_##sender, &receiver_recv
const struct transport two_copy = {BY_RECV(two_copy)};
const struct transport eight_sends = {BY_RECV(eight_sends)};
const struct transport one_copy = {BY_RECV(one_copy)};
const struct transport zero_copy = {BY_RECV(zero_copy)};
/* not named after their system calls */
static const struct transport by_writev = {BY_RECV(writev)};
static const struct transport by_sendfile = {BY_RECV(sendfile)};
static const struct transport by_sendfile_corked = {BY_RECV(sendfile_corked)};
static const struct transport by_splice = {BY_RECV(splice)};
static const struct transport by_uring_send = {BY_RECV(uring_send)};
static const struct transport by_uring_zc = {BY_RECV(uring_zc)};
static const struct transport zero_copy_mapped = {"zero_copy+mapped", &sender_zero_copy,
						  &receiver_mapped};
static const struct transport splice_splice = {"splice+splice", &sender_splice, &receiver_splice};
static const struct transport uring_uring = {"uring_send+uring", &sender_uring_send,
					     &receiver_uring};

const struct transport *const transports[] = {
	&two_copy,	   &eight_sends,	&one_copy,    &zero_copy,     &by_writev,
	&by_sendfile,	   &by_sendfile_corked, &by_splice,   &by_uring_send, &by_uring_zc,
	&zero_copy_mapped, &splice_splice,	&uring_uring, NULL,
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The other pairs of sender and receiver, filled in when one is asked for. */
static struct {
	struct transport transport;
	char name[48];
} pairs[COUNT(senders)][COUNT(receivers)];

static const struct transport *find_pair(size_t sender, size_t receiver)
{
	struct transport *pair = &pairs[sender][receiver].transport;
	size_t i;

	for (i = 0; transports[i]; i++)
		if (transports[i]->sender == senders[sender] &&
		    transports[i]->receiver == receivers[receiver])
			return transports[i];
	snprintf(pairs[sender][receiver].name, sizeof(pairs[sender][receiver].name), "%s%s%s",
		 senders[sender]->name, receiver ? "+" : "",
		 receiver ? receivers[receiver]->name : "");
	*pair = (struct transport){pairs[sender][receiver].name, senders[sender],
				   receivers[receiver]};
	return pair;
}

const struct transport *transport__find(const char *name)
{
	const char *plus = strchrnul(name, '+');
	size_t length = plus - name, sender = 0, receiver = 0;

	while (senders[sender] && (strlen(senders[sender]->name) != length ||
				   strncmp(senders[sender]->name, name, length)))
		sender++;
	while (*plus && receivers[receiver] && strcmp(receivers[receiver]->name, plus + 1))
		receiver++;
	return senders[sender] && receivers[receiver] ? find_pair(sender, receiver) : NULL;
}

int transport__check(const struct transport *transport, struct failure *failure)
{
	int err = transport->sender->check ? transport->sender->check(failure) : 0;

	if (!err && transport->receiver->check)
		err = transport->receiver->check(failure);
	return err;
}

__attribute__((noinline)) void harness_user_copy(void *to, const void *from, size_t bytes)
{
	memcpy(to, from, bytes);
}
