// SPDX-License-Identifier: GPL-2.0
#include "doctor/checks.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/limits.h"
#include "host/privilege.h"
#include "base/text.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define OWN_BTF	      "/sys/kernel/btf/vmlinux"
#define SEND_BYTES    65536u /* the size the limits are told for: the harness's default message */

const char *const check_titles[CHECK_SECTIONS] = {
	[CHECK_TRACING] = "Kernel and privileges",
	[CHECK_LIMITS] = "Limits of zero-copy and of paths",
	[CHECK_COUNTERS] = "Performance counters",
};

/* --- what may be traced --------------------------------------------------------------------- */

static const struct capability {
	int bit;
	const char *name;
	const char *without; /* what is lost; empty: nothing while CAP_SYS_ADMIN is there */
} capabilities[] = {
	{CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "no namespaces for --path veth and nic"},
	{CAP_BPF, "CAP_BPF", "no BPF programs"},
	{CAP_PERFMON, "CAP_PERFMON", "no BPF programs that trace"},
	{CAP_NET_ADMIN, "CAP_NET_ADMIN", "no interfaces for --path, no change of offloads"},
	{CAP_SYS_PTRACE, "CAP_SYS_PTRACE", "whose packet taps these are is seen of own ones only"},
	{CAP_SYSLOG, "CAP_SYSLOG", "kernel addresses are hidden while kernel.kptr_restrict is 1"},
	{CAP_IPC_LOCK, "CAP_IPC_LOCK", "RLIMIT_MEMLOCK bounds what MSG_ZEROCOPY pins"},
};

static bool capable(int bit)
{
	return privilege__capabilities() & 1ull << bit;
}

bool checks__may_trace(void)
{
	return capable(CAP_SYS_ADMIN) || (capable(CAP_BPF) && capable(CAP_PERFMON));
}

bool checks__have_btf(const char *btf_path)
{
	return !access(btf_path ?: OWN_BTF, R_OK);
}

static void check_kernel(struct finding *finding, const char *btf_path)
{
	struct utsname name;

	(void)btf_path;
	uname(&name); /* fails for a bad pointer only */
	finding__value(finding, json_string(name.release), "%s %s %s", name.sysname, name.release,
		       name.machine);
}

static void check_btf(struct finding *finding, const char *btf_path)
{
	const char *path = btf_path ?: OWN_BTF;
	char number[TEXT_NUMBER];
	struct stat info;

	if (stat(path, &info) || access(path, R_OK)) {
		finding__value(finding, json_false(), "%s: %s", path, strerror(errno));
		finding__means(finding, MARK_MISSING, "nothing can be attached without types");
		finding__change(finding,
				"give them with --btf FILE, or boot a kernel with "
				"CONFIG_DEBUG_INFO_BTF=y");
		return;
	}
	finding__value(finding, json_true(), "%s, %s bytes", path,
		       text__grouped(number, info.st_size));
	if (btf_path)
		finding__means(finding, MARK_NOTE,
			       "types from a file: fentry is closed, tracepoints are raw");
}

static void check_capabilities(struct finding *finding, const char *btf_path)
{
	json_t *missing = json_array();
	char lost[FINDING_TEXT] = "", names[FINDING_TEXT] = "";

	(void)btf_path;
	for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++) {
		/* before 5.8 there was CAP_SYS_ADMIN only, and it still stands for these */
		bool implied =
			(capabilities[i].bit == CAP_BPF || capabilities[i].bit == CAP_PERFMON) &&
			capable(CAP_SYS_ADMIN);

		if (capable(capabilities[i].bit) || implied)
			continue;
		json_array_append_new(missing, json_string(capabilities[i].name));
		text__append(names, sizeof(names), "%s%s", *names ? ", " : "",
			     capabilities[i].name);
		text__append(lost, sizeof(lost), "%s%s: %s", *lost ? "; " : "",
			     capabilities[i].name, capabilities[i].without);
	}
	finding__value(
		finding,
		json_pack("{s:b, s:o}", "may_trace", checks__may_trace(), "missing", missing),
		"%s%s", *names ? "missing: " : "all that the harness uses", names);
	if (!*names)
		return;
	finding__means(finding, checks__may_trace() ? MARK_NOTE : MARK_MISSING, "%s", lost);
	finding__change(finding, "run it as root (sudo ./harness doctor)");
}

/* bpf() asks for capabilities in the first user namespace, whatever a container's root holds. */
static void check_user_namespace(struct finding *finding, const char *btf_path)
{
	unsigned long inside, outside, count;
	FILE *file = fopen("/proc/self/uid_map", "re");
	int fields = file ? fscanf(file, "%lu %lu %lu", &inside, &outside, &count) : 0;

	(void)btf_path;
	if (file)
		fclose(file);
	if (fields != 3) {
		finding__unknown(finding, "/proc/self/uid_map cannot be read");
	} else if (!inside && !outside && count == UINT32_MAX) {
		finding__value(finding, json_true(), "the first one, as far as its map says");
	} else {
		finding__value(finding, json_false(), "not the first one");
		finding__means(finding, MARK_NOTE,
			       "the capabilities of this namespace do not count for bpf()");
		finding__change(finding, "run it outside of the container");
	}
}

/* "none [integrity] confidentiality" */
static void check_lockdown(struct finding *finding, const char *btf_path)
{
	static const char path[] = "/sys/kernel/security/lockdown";
	char line[128] = "", state[32];
	FILE *file = fopen(path, "re");

	(void)btf_path;
	if (!file) {
		finding__unknown(finding, "%s: %s%s", path, strerror(errno),
				 access("/sys/kernel/security/lsm", F_OK)
					 ? " (securityfs is not mounted, or may not be looked at)"
					 : " (securityfs is there: the lockdown module is not)");
		return;
	}
	if (!fgets(line, sizeof(line), file) || sscanf(line, "%*[^[][%31[^]]", state) != 1)
		if (sscanf(line, "[%31[^]]", state) != 1)
			state[0] = '\0';
	fclose(file);
	if (!state[0]) {
		finding__unknown(finding, "%s says nothing that is known", path);
		return;
	}
	finding__value(finding, json_string(state), "%s", state);
	if (!strcmp(state, "confidentiality")) {
		finding__means(finding, MARK_MISSING,
			       "no kprobes, and BPF may not read kernel memory");
		finding__change(finding, "boot without lockdown=confidentiality");
	} else if (!strcmp(state, "integrity")) {
		finding__means(finding, MARK_NOTE, "reading is allowed: no probe is lost by it");
	}
}

static bool read_number(const char *path, long *number)
{
	FILE *file = fopen(path, "re");
	bool read = file && fscanf(file, "%ld", number) == 1;
	int err = errno;

	if (file)
		fclose(file);
	errno = err;
	return read;
}

/* The number of a sysctl; false and unknown when it cannot be read. */
static bool sysctl__read(struct finding *finding, const char *path, long *number)
{
	if (!read_number(path, number)) {
		finding__unknown(finding, "%s: %s", path, strerror(errno));
		return false;
	}
	finding__value(finding, json_integer(*number), "%ld", *number);
	return true;
}

static void check_unprivileged_bpf(struct finding *finding, const char *btf_path)
{
	long number;

	(void)btf_path;
	if (sysctl__read(finding, "/proc/sys/kernel/unprivileged_bpf_disabled", &number))
		finding__means(finding, MARK_OK,
			       "no value of it lets a user without capabilities trace");
}

static void check_paranoid(struct finding *finding, const char *btf_path)
{
	long number;

	(void)btf_path;
	if (!sysctl__read(finding, "/proc/sys/kernel/perf_event_paranoid", &number))
		return;
	if (number > 1 && !capable(CAP_PERFMON) && !capable(CAP_SYS_ADMIN)) {
		finding__means(finding, MARK_NOTE,
			       "without CAP_PERFMON no counter sees the kernel's share%s",
			       number > 2 ? ", and on some kernels there is none at all" : "");
		finding__change(finding, "sysctl kernel.perf_event_paranoid=1");
	}
}

static void check_kptr(struct finding *finding, const char *btf_path)
{
	long number;
	/* 1: hidden from those without CAP_SYSLOG; 2: from everyone (kallsyms_show_value) */
	(void)btf_path;
	if (!sysctl__read(finding, "/proc/sys/kernel/kptr_restrict", &number))
		return;
	if (number == 2 || (number && !capable(CAP_SYSLOG))) {
		finding__means(finding, MARK_MISSING,
			       "the kernel hides its addresses: the callers of skb_copy_ubufs "
			       "cannot be told, so deferred_copy is lost");
		finding__change(finding, "sysctl kernel.kptr_restrict=0");
	}
}

/* --- limits --------------------------------------------------------------------------------- */

static void check_optmem(struct finding *finding, const char *btf_path)
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

static void check_memlock(struct finding *finding, const char *btf_path)
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

static void check_namespaces(struct finding *finding, const char *btf_path)
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

/* --- counters ------------------------------------------------------------------------------- */

static const struct counter_event {
	const char *key;
	uint32_t type;
	uint64_t config;
} counter_events[] = {
	{"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
	{"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
	{"cache-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
	{"task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
	{"page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
};

/* 0 or a negative errno, of counting this process. */
static int try_counter(const struct counter_event *event, bool user_only)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = event->type,
		.config = event->config,
		.disabled = 1,
		.exclude_kernel = user_only,
		.exclude_hv = user_only,
	};
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static void check_counter(struct finding *finding, const struct counter_event *event)
{
	int err = try_counter(event, false), user_err = err;
	const char *why;

	if (err == -EACCES || err == -EPERM)
		user_err = try_counter(event, true);
	why = err ? strerror(-(user_err ?: err)) : NULL;
	finding__value(finding,
		       json_pack("{s:b, s:b, s:o}", "kernel", !err, "user", !user_err, "why",
				 why ? json_string(why) : json_null()),
		       "%s%s%s",
		       !err	   ? "counts kernel and user"
		       : !user_err ? "counts user only; the kernel's share is refused: "
				   : "refused: ",
		       why ?: "", user_err == -ENOENT ? " (no such counter here)" : "");
	if (err)
		finding->mark = MARK_NOTE; /* no ledger needs it */
}

/* --- all of them ---------------------------------------------------------------------------- */

static const struct check {
	const char *key;
	enum check_section section;
	void (*run)(struct finding *finding, const char *btf_path);
} checks[] = {
	{"kernel", CHECK_TRACING, check_kernel},
	{"btf", CHECK_TRACING, check_btf},
	{"capabilities", CHECK_TRACING, check_capabilities},
	{"user_namespace", CHECK_TRACING, check_user_namespace},
	{"lockdown", CHECK_TRACING, check_lockdown},
	{"kernel.unprivileged_bpf_disabled", CHECK_TRACING, check_unprivileged_bpf},
	{"kernel.perf_event_paranoid", CHECK_TRACING, check_paranoid},
	{"kernel.kptr_restrict", CHECK_TRACING, check_kptr},
	{"net.core.optmem_max", CHECK_LIMITS, check_optmem},
	{"RLIMIT_MEMLOCK", CHECK_LIMITS, check_memlock},
	{"network_namespaces", CHECK_LIMITS, check_namespaces},
};

void checks__run(enum check_section section, const char *btf_path, struct findings *findings)
{
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		if (checks[i].section == section)
			checks[i].run(findings__add(findings, checks[i].key), btf_path);
	for (size_t i = 0; i < ARRAY_SIZE(counter_events) && section == CHECK_COUNTERS; i++)
		check_counter(findings__add(findings, counter_events[i].key), &counter_events[i]);
}
