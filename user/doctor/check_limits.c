// SPDX-License-Identifier: GPL-2.0
/* The checks of how much may be pinned and whether namespaces can be made. */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor/check_parts.h"
#include "host/limits.h"

#define SEND_BYTES 65536u /* the default size of a message */

void check_optmem(struct finding *finding, const char *btf_path)
{
	int charged = limits__measure_completion();
	json_t *json;
	long number;
	char more[32];

	(void)btf_path;
	if (!sysctl__read(finding, "/proc/sys/net/core/optmem_max", &number))
		return;
	json = json_pack("{s:I, s:o, s:o}", "bytes", (json_int_t)number, "bytes_a_send",
			 charged < 0 ? json_null() : json_integer(charged), "sends_a_socket",
			 charged < 0 ? json_null()
				     : json_integer(limits__sends_by_optmem(number, charged)));
	finding__value(finding, json, REMARK_OPTMEM, VALUES(WHOLE("bytes", number)));
	if (charged < 0) {
		finding__means(finding, MARK_UNKNOWN, REMARK_OPTMEM_UNMEASURED,
			       VALUES(WORD("why", strerror(-charged))));
		return;
	}
	finding__means(finding, MARK_OK, REMARK_OPTMEM_SENDS,
		       VALUES(WHOLE("sends", limits__sends_by_optmem(number, charged)),
			      WHOLE("bytes_a_send", charged)));
	snprintf(more, sizeof(more), "%ld", number * 4);
	finding__change(finding, REMARK_SET_SYSCTL,
			VALUES(WORD("name", "net.core.optmem_max"), WORD("value", more)));
}

void check_memlock(struct finding *finding, const char *btf_path)
{
	long page = sysconf(_SC_PAGESIZE);
	bool exempt = capable(CAP_IPC_LOCK);
	struct rlimit limit;
	uint64_t number;

	(void)btf_path;
	if (getrlimit(RLIMIT_MEMLOCK, &limit)) {
		finding__unknown(
			finding, REMARK_UNREADABLE,
			VALUES(WORD("path", "RLIMIT_MEMLOCK"), WORD("why", strerror(errno))));
		return;
	}
	if (limit.rlim_cur == RLIM_INFINITY) {
		finding__value(finding,
			       json_pack("{s:n, s:b, s:b, s:n}", "bytes", "unlimited", 1, "exempt",
					 exempt, "sends_of_64k"),
			       REMARK_FOUND, VALUES(WORD("value", "unlimited")));
		return;
	}
	number = limits__sends_by_memlock(limit.rlim_cur, page, SEND_BYTES);
	finding__value(finding,
		       json_pack("{s:I, s:b, s:b, s:o}", "bytes", (json_int_t)limit.rlim_cur,
				 "unlimited", 0, "exempt", exempt, "sends_of_64k",
				 exempt ? json_null() : json_integer(number)),
		       REMARK_MEMLOCK, VALUES(WHOLE("bytes", limit.rlim_cur)));
	if (exempt) {
		finding__means(finding, MARK_OK, REMARK_MEMLOCK_EXEMPT, NO_VALUES);
		return;
	}
	finding__means(finding, MARK_NOTE, REMARK_MEMLOCK_SENDS, VALUES(WHOLE("sends", number)));
	finding__change(finding, REMARK_RAISE_MEMLOCK, NO_VALUES);
}

/* 0, or the negative errno of making a network namespace, in a separate process. */
static int try_namespace(void)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(unshare(CLONE_NEWNET) ? errno : 0);
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

void check_namespaces(struct finding *finding, const char *btf_path)
{
	long number = -1;
	bool read = read_number("/proc/sys/user/max_net_namespaces", &number);
	int err = try_namespace();
	char most[64];

	(void)btf_path;
	snprintf(most, sizeof(most), read ? "%ld" : "an unknown number of", number);
	finding__value(finding,
		       json_pack("{s:o, s:b, s:o}", "max",
				 read ? json_integer(number) : json_null(), "can_make", !err, "why",
				 err ? json_string(strerror(-err)) : json_null()),
		       err ? REMARK_NAMESPACE_REFUSED : REMARK_NAMESPACES_WORK,
		       err ? VALUES(WORD("most", most), WORD("why", strerror(-err)))
			   : VALUES(WORD("most", most)));
	if (!err)
		return;
	finding__means(finding, MARK_NOTE, REMARK_NAMESPACES_NEEDED, NO_VALUES);
	if (err == -ENOSPC)
		finding__change(
			finding, REMARK_SET_SYSCTL,
			VALUES(WORD("name", "user.max_net_namespaces"), WORD("value", "100")));
	else
		finding__change(finding, REMARK_RUN_AS_ROOT, NO_VALUES);
}
