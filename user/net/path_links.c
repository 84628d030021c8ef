// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "net/path_links.h"
#include "net/path_namespaces.h"

#define CARRIER_WAIT_MS 10000
#define CARRIER_POLL_MS 10

int path__wait_carrier(const struct path *path, enum side side)
{
	struct ifreq request = {};
	int fd = path__socket(path, side), err = fd < 0 ? fd : 0;

	strcpy(request.ifr_name, path->spec->word[side]);
	for (int ms = 0; !err; ms += CARRIER_POLL_MS) {
		if (ioctl(fd, SIOCGIFFLAGS, &request))
			err = -errno;
		else if (request.ifr_flags & IFF_RUNNING)
			break;
		else if (ms >= CARRIER_WAIT_MS)
			err = -ENOLINK;
		usleep(CARRIER_POLL_MS * 1000);
	}
	if (fd >= 0)
		close(fd);
	if (err)
		fprintf(stderr, "harness: --path %s: %s has no carrier: %s; is it connected?\n",
			path->spec->name, path->spec->word[side], strerror(-err));
	return err;
}

void path__complain_of_links(const struct path *path)
{
	struct ifreq request = {};

	for (int side = 0; side < SIDE_COUNT; side++) {
		int fd = path__socket(path, side);

		if (fd < 0)
			continue;
		memcpy(request.ifr_name, path->device[side], IF_NAMESIZE);
		if (ioctl(fd, SIOCGIFFLAGS, &request))
			fprintf(stderr, "harness: --path %s: %s: %s\n", path->spec->name,
				path->device[side], strerror(errno));
		else if (!(request.ifr_flags & IFF_UP))
			fprintf(stderr, "harness: --path %s: %s is down\n", path->spec->name,
				path->device[side]);
		else if (!(request.ifr_flags & IFF_RUNNING))
			fprintf(stderr, "harness: --path %s: %s has no carrier\n", path->spec->name,
				path->device[side]);
		close(fd);
	}
}
