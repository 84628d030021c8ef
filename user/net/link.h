/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interfaces: made, moved and configured by netlink, in the network namespace of this thread. The
 * kernel does all of a request while this process is in one system call: whatever ends the process,
 * the request is done or it is not.
 *
 * By libmnl, which composes and reads the messages and hides nothing of rtnetlink(7); libnl-route
 * would keep objects of every interface for these four requests.
 */
#ifndef HARNESS_LINK_H
#define HARNESS_LINK_H

#include <netinet/in.h>

/* All return 0 or a negative errno. */

/* Makes a veth pair, each end in the namespace of a descriptor. */
int link__add_veth(const char *const name[2], const int namespace_fd[2]);
/*
 * Moves an interface into another namespace. If its name is taken there it gets another one,
 * because it would be lost otherwise.
 */
int link__move(const char *name, int namespace_fd);
int link__set_address(const char *name, struct in_addr address, unsigned int prefix);
int link__set_up(const char *name);

#endif
