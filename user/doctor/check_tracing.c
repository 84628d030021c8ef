// SPDX-License-Identifier: GPL-2.0
/* What the kernel lets this user trace. */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/text.h"
#include "doctor/check_parts.h"
#include "doctor/checks.h"
#include "host/privilege.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define OWN_BTF	      "/sys/kernel/btf/vmlinux"

static const struct capability {
	int bit;
	const char *name;
	const char *without; /* what is lost; empty: nothing while CAP_SYS_ADMIN is there */
} capabilities[] = {
	{CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "no namespaces for --path veth and nic"},
	{CAP_BPF, "CAP_BPF", "no BPF programs"},
	{CAP_PERFMON, "CAP_PERFMON", "no BPF programs that trace"},
	{CAP_NET_ADMIN, "CAP_NET_ADMIN", "no interfaces for --path, no change of offloads"},
	{CAP_SYS_PTRACE, "CAP_SYS_PTRACE",
	 "the processes of packet taps are seen of this user only"},
	{CAP_SYSLOG, "CAP_SYSLOG", "kernel addresses are hidden while kernel.kptr_restrict is 1"},
	{CAP_IPC_LOCK, "CAP_IPC_LOCK", "RLIMIT_MEMLOCK bounds what MSG_ZEROCOPY pins"},
};

bool capable(int bit)
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

void check_kernel(struct finding *finding, const char *btf_path)
{
	struct utsname name;

	(void)btf_path;
	uname(&name); /* fails for a bad pointer only */
	finding__value(finding, json_string(name.release), "%s %s %s", name.sysname, name.release,
		       name.machine);
}

void check_btf(struct finding *finding, const char *btf_path)
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

void check_capabilities(struct finding *finding, const char *btf_path)
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
void check_user_namespace(struct finding *finding, const char *btf_path)
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
void check_lockdown(struct finding *finding, const char *btf_path)
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

void check_unprivileged_bpf(struct finding *finding, const char *btf_path)
{
	long number;

	(void)btf_path;
	if (sysctl__read(finding, "/proc/sys/kernel/unprivileged_bpf_disabled", &number))
		finding__means(finding, MARK_OK,
			       "no value of it lets a user without capabilities trace");
}

void check_paranoid(struct finding *finding, const char *btf_path)
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

void check_kptr(struct finding *finding, const char *btf_path)
{
	long number;
	/* 1: hidden from those without CAP_SYSLOG; 2: from everyone (kallsyms_show_value) */
	(void)btf_path;
	if (!sysctl__read(finding, "/proc/sys/kernel/kptr_restrict", &number))
		return;
	if (number == 2 || (number && !capable(CAP_SYSLOG))) {
		finding__means(finding, MARK_MISSING,
			       "the kernel hides its addresses: the callers of skb_copy_ubufs "
			       "cannot be known, so deferred_copy is lost");
		finding__change(finding, "sysctl kernel.kptr_restrict=0");
	}
}
