/* SPDX-License-Identifier: GPL-2.0 */
/* For all transports: sends all bytes and counts the results of calls. */
#ifndef HARNESS_SEND_H
#define HARNESS_SEND_H

#include <stddef.h>
#include <sys/socket.h>

#include "traffic/message.h"
#include "traffic/transport.h"

/* The position of the sender's next message in its stream. */
uint64_t send__position(const struct sender *sender);

/* Open and close for a transport whose state is one message. */
int send__open(struct sender *sender);
void send__close(struct sender *sender);

/* Calls send() until all is sent. 0, or a negative errno with sender->failure set. */
int send__flags(struct sender *sender, const void *from, size_t bytes, int flags);
int send__all(struct sender *sender, const void *from, size_t bytes);

/* For FAULT_EARLY_REUSE: a cork keeps a message's end queued until its memory is written again. */
int send__cork_for_fault(struct sender *sender);

/* Removes the first `bytes`, which were sent, from `header`. */
void header__advance(struct msghdr *header, size_t bytes);

#endif
