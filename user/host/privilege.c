// SPDX-License-Identifier: GPL-2.0
#include "host/privilege.h"

#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/owned.h"

#define USER_OF_NOTHING 65534

uint64_t privilege__capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data))
		return 0;
	return data[0].effective | (uint64_t)data[1].effective << 32;
}

void privilege__keep(uint64_t capabilities)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data))
		return;
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= capabilities >> 32 * i;
		data[i].effective &= data[i].permitted;
	}
	syscall(SYS_capset, &header, data);
}

/* The same capabilities are effective again after the change, which clears them. */
static void become(uid_t user, gid_t group)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {};

	prctl(PR_SET_KEEPCAPS, 1);
	/* in a user namespace there may be no such user */
	if (setgroups(0, NULL) || setresgid(group, group, group) || setresuid(user, user, user) ||
	    syscall(SYS_capget, &header, data))
		return;
	for (int i = 0; i < 2; i++)
		data[i].effective = data[i].permitted;
	syscall(SYS_capset, &header, data);
}

void privilege__drop(uint64_t capabilities)
{
	/* a death signal and a kill reach another user's process by CAP_KILL alone */
	const uint64_t needed = CAPABILITY(SETUID) | CAPABILITY(SETGID) | CAPABILITY(KILL);
	uid_t user = USER_OF_NOTHING;
	gid_t group = USER_OF_NOTHING;

	if (!geteuid() && (privilege__capabilities() & needed) == needed) {
		owned__caller(&user, &group);
		become(user, group);
	}
	privilege__keep(capabilities);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* The value of a sysctl that is one number, -1 where it cannot be read. */
static int sysctl_number(const char *path)
{
	FILE *file = fopen(path, "re");
	int value = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%d", &value) != 1)
		value = -1;
	fclose(file);
	return value;
}

/* Capabilities in another user namespace do not reach BPF. */
static bool in_other_user_namespace(void)
{
	const ino_t initial = 0xEFFFFFFD; /* PROC_USER_INIT_INO, on every kernel */
	struct stat space;

	return !stat("/proc/self/ns/user", &space) && space.st_ino != initial;
}

int privilege__check_bpf(void)
{
	uint64_t capabilities = privilege__capabilities();
	bool bpf = capabilities & CAPABILITY(BPF), perfmon = capabilities & CAPABILITY(PERFMON);

	if (in_other_user_namespace()) {
		fprintf(stderr,
			"harness: tracing needs the initial user namespace, and this is another; "
			"`--trace none` works here\n");
		return -EPERM;
	}
	if ((capabilities & CAPABILITY(SYS_ADMIN)) || (bpf && perfmon))
		return 0;
	fprintf(stderr,
		"harness: tracing needs root: missing %s%s%s (kernel.unprivileged_bpf_disabled is "
		"%d and "
		"cannot grant it); `--trace none` works without\n",
		bpf ? "" : "CAP_BPF", bpf || perfmon ? "" : " and ", perfmon ? "" : "CAP_PERFMON",
		sysctl_number("/proc/sys/kernel/unprivileged_bpf_disabled"));
	return -EPERM;
}
