// SPDX-License-Identifier: GPL-2.0
#include "net/link.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>

#define MESSAGE_SIZE 8192 /* the most in an answer of the kernel */

/* Sends a request and waits for its answer. */
static int link__ask(struct nlmsghdr *request)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	char answer[MESSAGE_SIZE];
	ssize_t length;
	int err = 0;

	if (!socket)
		return -errno;
	request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	length = mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID);
	if (length >= 0)
		length = TEMP_FAILURE_RETRY(mnl_socket_sendto(socket, request, request->nlmsg_len));
	if (length >= 0)
		length = TEMP_FAILURE_RETRY(mnl_socket_recvfrom(socket, answer, sizeof(answer)));
	if (length < 0 ||
	    mnl_cb_run(answer, length, 0, mnl_socket_get_portid(socket), NULL, NULL) < MNL_CB_STOP)
		err = -errno;
	mnl_socket_close(socket);
	return err;
}

/* A message about an interface; `info`, if wanted, is its header. */
static struct nlmsghdr *link__request(char text[static MESSAGE_SIZE], int type,
				      struct ifinfomsg **info)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(text);
	struct ifinfomsg *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));

	message->nlmsg_type = type;
	if (info)
		*info = header;
	return message;
}

static void put_end(struct nlmsghdr *message, const char *name, int namespace_fd)
{
	mnl_attr_put_strz(message, IFLA_IFNAME, name);
	mnl_attr_put_u32(message, IFLA_NET_NS_FD, namespace_fd);
}

int link__add_veth(const char *const name[2], const int namespace_fd[2])
{
	char text[MESSAGE_SIZE];
	struct nlmsghdr *message = link__request(text, RTM_NEWLINK, NULL);
	struct nlattr *link, *data, *peer;

	message->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	put_end(message, name[0], namespace_fd[0]);
	link = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
	put_end(message, name[1], namespace_fd[1]);
	mnl_attr_nest_end(message, peer);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, link);
	return link__ask(message);
}

static int link__move_as(int index, int namespace_fd, const char *new_name)
{
	char text[MESSAGE_SIZE];
	struct ifinfomsg *info;
	struct nlmsghdr *message = link__request(text, RTM_NEWLINK, &info);

	info->ifi_index = index;
	mnl_attr_put_u32(message, IFLA_NET_NS_FD, namespace_fd);
	if (new_name)
		mnl_attr_put_strz(message, IFLA_IFNAME, new_name);
	return link__ask(message);
}

int link__move(const char *name, int namespace_fd)
{
	int index = if_nametoindex(name), err;

	if (!index)
		return -errno;
	err = link__move_as(index, namespace_fd, NULL);
	/* the name that the kernel gives a card whose namespace has ended */
	return err == -EEXIST ? link__move_as(index, namespace_fd, "dev%d") : err;
}

int link__set_address(const char *name, struct in_addr address, unsigned int prefix)
{
	char text[MESSAGE_SIZE];
	struct nlmsghdr *message = mnl_nlmsg_put_header(text);
	struct ifaddrmsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));

	message->nlmsg_type = RTM_NEWADDR;
	message->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	info->ifa_family = AF_INET;
	info->ifa_prefixlen = prefix;
	info->ifa_index = if_nametoindex(name);
	if (!info->ifa_index)
		return -errno;
	mnl_attr_put_u32(message, IFA_LOCAL, address.s_addr);
	mnl_attr_put_u32(message, IFA_ADDRESS, address.s_addr);
	return link__ask(message);
}

int link__set_up(const char *name)
{
	char text[MESSAGE_SIZE];
	struct ifinfomsg *info;
	struct nlmsghdr *message = link__request(text, RTM_NEWLINK, &info);

	info->ifi_index = if_nametoindex(name);
	info->ifi_change = info->ifi_flags = IFF_UP;
	return info->ifi_index ? link__ask(message) : -errno;
}
