// SPDX-License-Identifier: GPL-2.0
#include "host/privilege.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

uint64_t privilege__capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data))
		return 0;
	return data[0].effective | (uint64_t)data[1].effective << 32;
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
	bool bpf = capabilities & 1ull << CAP_BPF, perfmon = capabilities & 1ull << CAP_PERFMON;

	if (in_other_user_namespace()) {
		fprintf(stderr,
			"harness: tracing needs the initial user namespace, and this is another; "
			"`--trace none` works here\n");
		return -EPERM;
	}
	if ((capabilities & 1ull << CAP_SYS_ADMIN) || (bpf && perfmon))
		return 0;
	fprintf(stderr,
		"harness: tracing needs root: missing %s%s%s (kernel.unprivileged_bpf_disabled is "
		"%d and "
		"cannot grant it); `--trace none` works without\n",
		bpf ? "" : "CAP_BPF", bpf || perfmon ? "" : " and ", perfmon ? "" : "CAP_PERFMON",
		sysctl_number("/proc/sys/kernel/unprivileged_bpf_disabled"));
	return -EPERM;
}
