// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/link.h"
#include "net/offload.h"
#include "net/path.h"
#include "net/path_details.h"
#include "net/path_guard.h"
#include "net/path_links.h"
#include "net/path_namespaces.h"

static const char *const side_address[SIDE_COUNT] = {"10.1.1.1", "10.1.1.2"};

static int path__complain(const struct path *path, int err, const char *what)
{
	fprintf(stderr, "harness: --path %s: cannot %s: %s%s\n", path->spec->name, what,
		strerror(-err), err == -EPERM ? "; missing CAP_NET_ADMIN (root has it)" : "");
	return err;
}

/* Each end is made in its namespace and is deleted with it. */
static int path__add_veth(struct path *path)
{
	const char *const name[] = {path->spec->word[SENDER], path->spec->word[RECEIVER]};
	int err = link__add_veth(name, path->namespace_fd);

	return err ? path__complain(path, err, "make a veth pair") : 0;
}

static int path__take_devices(struct path *path)
{
	int err;

	/* Before either is moved: a wrong name must not disturb the other interface. */
	for (int side = 0; side < SIDE_COUNT; side++) {
		if (!if_nametoindex(path->spec->word[side])) {
			fprintf(stderr, "harness: --path %s: no interface %s; ip link lists them\n",
				path->spec->name, path->spec->word[side]);
			return -ENODEV;
		}
	}
	err = path__set_guard(path);
	if (err)
		return err;
	for (int side = 0; side < SIDE_COUNT; side++) {
		path->taken[side] = true;
		err = link__move(path->spec->word[side], path->namespace_fd[side]);
		if (err)
			return path__complain(path, err, "move an interface");
	}
	return 0;
}

static int path__configure(const struct path *path, enum side side)
{
	const char *device = path->spec->word[side];
	struct in_addr address;
	int err, home;

	inet_pton(AF_INET, side_address[side], &address);
	err = path__enter(path, side);
	if (err)
		return path__complain(path, err, "enter a network namespace");
	err = link__set_up("lo");
	if (!err)
		err = link__set_address(device, address, 24);
	if (!err)
		err = link__set_up(device);
	home = path__leave(path);
	if (err)
		path__complain(path, err, "configure an interface");
	return err ? err : home;
}

enum xdp_mode path__xdp(const struct path *path, enum side side)
{
	enum xdp_mode mode = XDP_MODE_UNKNOWN;

	if (path->home_fd < 0)
		return xdp__mode(path->device[side]);
	if (!path__enter(path, side))
		mode = xdp__mode(path->device[side]);
	return path__leave(path) ? XDP_MODE_UNKNOWN : mode;
}

static int path__make(struct path *path)
{
	int err;

	inet_pton(AF_INET, side_address[SENDER], &path->address);
	err = path__add_namespaces(path);
	if (!err)
		err = path->spec->kind == PATH_VETH ? path__add_veth(path)
						    : path__take_devices(path);
	for (int side = 0; side < SIDE_COUNT && !err; side++)
		err = path__configure(path, side);
	for (int side = 0; side < SIDE_COUNT && !err; side++)
		err = path__wait_carrier(path, side);
	return err;
}

int path__open(const struct path_spec *spec, struct path *path)
{
	int err;

	*path = (struct path){
		.spec = spec,
		.address.s_addr = htonl(INADDR_LOOPBACK),
		.namespace_fd = {-1, -1},
		.home_fd = -1,
		.device = {"lo", "lo"},
	};
	if (spec->kind == PATH_LO)
		return 0;
	memset(path->device, 0, sizeof(path->device));

	if (spec->kind == PATH_NETNS) {
		err = path__find_namespaces(path);
		for (int side = 0; side < SIDE_COUNT && !err; side++)
			err = path__find_address(path, side);
	} else {
		for (int side = 0; side < SIDE_COUNT; side++)
			memcpy(path->device[side], spec->word[side], IF_NAMESIZE);
		err = path__make(path);
	}
	if (err)
		path__close(path);
	return err;
}

json_t *path__json(const struct path *path)
{
	json_t *json = json_pack("{s:s}", "name", path->spec->name);

	for (int side = 0; side < SIDE_COUNT; side++) {
		int fd = path__socket(path, side);

		json_object_set_new(
			json, side_names[side],
			fd < 0 ? json_null()
			       : path_details__json(fd, path->device[side], path__xdp(path, side)));
		if (fd >= 0)
			close(fd);
	}
	return json;
}

struct xdp_copies path__xdp_copies(const struct path *path)
{
	struct xdp_copies copies = {.mode = path__xdp(path, RECEIVER)};
	struct interface interface = {};
	int fd;

	snprintf(copies.device, sizeof(copies.device), "%s", path->device[RECEIVER]);
	if (copies.mode == XDP_MODE_NONE)
		return copies;
	fd = path__socket(path, RECEIVER);
	if (fd >= 0) {
		interface__read(fd, copies.device, &interface);
		close(fd);
	}
	copies.some = copies.mode == XDP_MODE_UNKNOWN || xdp__copies(copies.mode, interface.driver);
	return copies;
}

void path__close(struct path *path)
{
	for (int side = 0; side < SIDE_COUNT; side++)
		if (path->taken[side])
			path__give_back(path, side);
	path__dismiss_guard(path);
	for (int side = 0; side < SIDE_COUNT; side++) {
		path->taken[side] = false;
		if (path->namespace_fd[side] >= 0)
			close(path->namespace_fd[side]);
		path->namespace_fd[side] = -1;
	}
	if (path->home_fd >= 0)
		close(path->home_fd);
	path->home_fd = -1;
}
