// SPDX-License-Identifier: GPL-2.0
/* How much may be pinned, and whether namespaces can be made. */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "doctor/check_parts.h"
#include "host/limits.h"

#define SEND_BYTES 65536u /* the size of the limits' examples: the default message */

void check_optmem(struct finding *finding, const char *btf_path)
{
	char sends[TEXT_NUMBER], grouped[TEXT_NUMBER];
	int charged = limits__measure_completion();
	json_t *json;
	long number;

	(void)btf_path;
	if (!sysctl__read(finding, "/proc/sys/net/core/optmem_max", &number))
		return;
	json = json_pack("{s:I, s:o, s:o}", "bytes", (json_int_t)number, "bytes_a_send",
			 charged < 0 ? json_null() : json_integer(charged), "sends_a_socket",
			 charged < 0 ? json_null()
				     : json_integer(limits__sends_by_optmem(number, charged)));
	finding__value(finding, json, "%s bytes a socket", text__grouped(grouped, number));
	if (charged < 0) {
		finding__means(finding, MARK_UNKNOWN,
			       "how many sends that is could not be measured over lo: %s",
			       strerror(-charged));
		return;
	}
	finding__means(finding, MARK_OK,
		       "at least %s MSG_ZEROCOPY sends in flight or with unread completions, each "
		       "charged %d bytes (measured); beyond, sends are refused with ENOBUFS",
		       text__grouped(sends, limits__sends_by_optmem(number, charged)), charged);
	finding__change(finding, "sysctl net.core.optmem_max=%ld", number * 4);
}

void check_memlock(struct finding *finding, const char *btf_path)
{
	long page = sysconf(_SC_PAGESIZE);
	bool exempt = capable(CAP_IPC_LOCK);
	char sends[TEXT_NUMBER], grouped[TEXT_NUMBER];
	struct rlimit limit;
	uint64_t number;

	(void)btf_path;
	if (getrlimit(RLIMIT_MEMLOCK, &limit)) {
		finding__unknown(finding, "%s", strerror(errno));
		return;
	}
	if (limit.rlim_cur == RLIM_INFINITY) {
		finding__value(finding,
			       json_pack("{s:n, s:b, s:b, s:n}", "bytes", "unlimited", 1, "exempt",
					 exempt, "sends_of_64k"),
			       "unlimited");
		return;
	}
	number = limits__sends_by_memlock(limit.rlim_cur, page, SEND_BYTES);
	finding__value(finding,
		       json_pack("{s:I, s:b, s:b, s:o}", "bytes", (json_int_t)limit.rlim_cur,
				 "unlimited", 0, "exempt", exempt, "sends_of_64k",
				 exempt ? json_null() : json_integer(number)),
		       "%s bytes", text__grouped(grouped, limit.rlim_cur));
	text__grouped(sends, number);
	if (exempt)
		finding__means(finding, MARK_OK, "does not bind while there is CAP_IPC_LOCK");
	else
		finding__means(finding, MARK_NOTE,
			       "%s MSG_ZEROCOPY sends of 64K in flight over all processes of this "
			       "user; the next is refused with ENOBUFS",
			       sends);
	if (!exempt)
		finding__change(finding, "ulimit -l unlimited (as root)");
}

/* 0, or why a network namespace cannot be made: tried in a process of its own. */
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
		       "%s at most; making one %s%s", most, err ? "is refused: " : "works",
		       err ? strerror(-err) : "");
	if (!err)
		return;
	finding__means(finding, MARK_NOTE,
		       "--path veth and --path nic:A,B need two; lo needs none");
	finding__change(finding, err == -ENOSPC ? "sysctl user.max_net_namespaces=100"
						: "run it as root (CAP_SYS_ADMIN)");
}
