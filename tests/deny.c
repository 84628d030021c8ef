// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a command in which one system call fails, as under a container's seccomp filter.
 *
 * deny SYSCALL COMMAND [ARG...]   the call's number; it fails with EPERM
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, argc > 1 ? atoi(argv[1]) : -1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = {sizeof(code) / sizeof(*code), code};

	if (argc < 3)
		return 2;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) {
		perror("deny: seccomp");
		return 1;
	}
	execvp(argv[2], &argv[2]);
	perror(argv[2]);
	return 127;
}
