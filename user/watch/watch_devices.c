// SPDX-License-Identifier: GPL-2.0
#include "watch/watch_devices.h"

#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "net/offload.h"
#include "watch/watch_netns.h"

static void add_device(int fd, const char *name, struct account *account)
{
	const char *code;
	struct interface interface;

	if (!strcmp(name, "lo") || interface__read(fd, name, &interface) || !interface.up)
		return;
	code = device_cause__code(interface__cause(&interface));
	if (code)
		text__append(account->copying, sizeof(account->copying), "%s%s:%s",
			     *account->copying ? " " : "", name, code);
}

static void add_devices(void *account)
{
	struct if_nameindex *devices = if_nameindex();
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (size_t i = 0; devices && fd >= 0 && devices[i].if_index; i++)
		add_device(fd, devices[i].if_name, account);
	if (devices)
		if_freenameindex(devices);
	if (fd >= 0)
		close(fd);
}

void watch_devices__find(struct account *account)
{
	const char *none = "none_lacks";

	account->copying[0] = '\0';
	/* our own namespace may not have the devices that the process used */
	if (!watch_netns__look(account->row.process, add_devices, account)) {
		account->copying[0] = '\0';
		none = "process_ended";
	}
	account->copying_known = true;
	if (!*account->copying)
		text__append(account->copying, sizeof(account->copying), "%s", none);
}
