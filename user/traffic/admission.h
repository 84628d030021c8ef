/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which connections to the sender's port belong to the run: those that the receiver reports over
 * the control socket. Any user of this host may connect to that port, even first.
 */
#ifndef HARNESS_ADMISSION_H
#define HARNESS_ADMISSION_H

#include "traffic/crew.h"

/* Gives each worker its connection and closes all others. 0, or a negative errno with the crew's
 * failure set; -EPIPE: the runner closed the control socket. */
int admission__run(struct crew *crew, int listener);

#endif
