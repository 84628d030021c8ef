// SPDX-License-Identifier: GPL-2.0
/* The checks of what the kernel lets this user trace. */
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
#define PARANOID      "/proc/sys/kernel/perf_event_paranoid"

static const struct capability {
	int bit;
	const char *name;
	enum remark_code without; /* what is lost without it */
} capabilities[] = {
	{CAP_SYS_ADMIN, "CAP_SYS_ADMIN", REMARK_NO_SYS_ADMIN},
	{CAP_BPF, "CAP_BPF", REMARK_NO_BPF},
	{CAP_PERFMON, "CAP_PERFMON", REMARK_NO_PERFMON},
	{CAP_NET_ADMIN, "CAP_NET_ADMIN", REMARK_NO_NET_ADMIN},
	{CAP_SYS_PTRACE, "CAP_SYS_PTRACE", REMARK_NO_SYS_PTRACE},
	{CAP_SYSLOG, "CAP_SYSLOG", REMARK_NO_SYSLOG},
	{CAP_IPC_LOCK, "CAP_IPC_LOCK", REMARK_NO_IPC_LOCK},
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
	char text[sizeof(name)];

	(void)btf_path;
	uname(&name); /* fails for a bad pointer only */
	snprintf(text, sizeof(text), "%s %s %s", name.sysname, name.release, name.machine);
	finding__value(finding, json_string(name.release), REMARK_FOUND,
		       VALUES(WORD("value", text)));
}

void check_btf(struct finding *finding, const char *btf_path)
{
	const char *path = btf_path ?: OWN_BTF;
	struct stat info;

	if (stat(path, &info) || access(path, R_OK)) {
		finding__value(finding, json_false(), REMARK_UNREADABLE,
			       VALUES(WORD("path", path), WORD("why", strerror(errno))));
		finding__means(finding, MARK_MISSING, REMARK_TYPES_MISSING, NO_VALUES);
		finding__change(finding, REMARK_GIVE_TYPES, NO_VALUES);
		return;
	}
	finding__value(finding, json_true(), REMARK_BTF_FILE,
		       VALUES(WORD("path", path), WHOLE("bytes", info.st_size)));
	if (btf_path)
		finding__means(finding, MARK_NOTE, REMARK_TYPES_FROM_FILE, NO_VALUES);
}

void check_capabilities(struct finding *finding, const char *btf_path)
{
	json_t *missing = json_array();
	enum mark mark = checks__may_trace() ? MARK_NOTE : MARK_MISSING;
	char names[256] = "";

	(void)btf_path;
	for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++) {
		/* before 5.8 there was only CAP_SYS_ADMIN; it still includes these */
		bool implied =
			(capabilities[i].bit == CAP_BPF || capabilities[i].bit == CAP_PERFMON) &&
			capable(CAP_SYS_ADMIN);

		if (capable(capabilities[i].bit) || implied)
			continue;
		json_array_append_new(missing, json_string(capabilities[i].name));
		text__append(names, sizeof(names), "%s%s", *names ? ", " : "",
			     capabilities[i].name);
		finding__means(finding, mark, capabilities[i].without, NO_VALUES);
	}
	finding__value(
		finding,
		json_pack("{s:b, s:o}", "may_trace", checks__may_trace(), "missing", missing),
		*names ? REMARK_CAPABILITIES_MISSING : REMARK_CAPABILITIES_HELD,
		*names ? VALUES(WORD("capabilities", names)) : NO_VALUES);
	if (*names)
		finding__change(finding, REMARK_RUN_AS_ROOT, NO_VALUES);
}

/*
 * bpf() requires capabilities in the initial user namespace; those of a container's root do not
 * count.
 */
void check_user_namespace(struct finding *finding, const char *btf_path)
{
	unsigned long inside, outside, count;
	FILE *file = fopen("/proc/self/uid_map", "re");
	int fields = file ? fscanf(file, "%lu %lu %lu", &inside, &outside, &count) : 0;

	(void)btf_path;
	if (file)
		fclose(file);
	if (fields != 3) {
		finding__unknown(finding, REMARK_UNREADABLE,
				 VALUES(WORD("path", "/proc/self/uid_map"),
					WORD("why", "no line of three numbers")));
	} else if (!inside && !outside && count == UINT32_MAX) {
		finding__value(finding, json_true(), REMARK_FIRST_USER_NAMESPACE, NO_VALUES);
	} else {
		finding__value(finding, json_false(), REMARK_OTHER_USER_NAMESPACE, NO_VALUES);
		finding__means(finding, MARK_NOTE, REMARK_NAMESPACE_RIGHTS, NO_VALUES);
		finding__change(finding, REMARK_LEAVE_CONTAINER, NO_VALUES);
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
		const char *why = strerror(errno);

		finding__unknown(finding,
				 access("/sys/kernel/security/lsm", F_OK) ? REMARK_SECURITYFS_ABSENT
									  : REMARK_LOCKDOWN_ABSENT,
				 VALUES(WORD("path", path), WORD("why", why)));
		return;
	}
	if (!fgets(line, sizeof(line), file) || sscanf(line, "%*[^[][%31[^]]", state) != 1)
		if (sscanf(line, "[%31[^]]", state) != 1)
			state[0] = '\0';
	fclose(file);
	if (!state[0]) {
		finding__unknown(finding, REMARK_LOCKDOWN_STRANGE, VALUES(WORD("path", path)));
		return;
	}
	finding__value(finding, json_string(state), REMARK_FOUND, VALUES(WORD("value", state)));
	if (!strcmp(state, "confidentiality")) {
		finding__means(finding, MARK_MISSING, REMARK_LOCKDOWN_CONFIDENTIALITY, NO_VALUES);
		finding__change(finding, REMARK_BOOT_WITHOUT_LOCKDOWN, NO_VALUES);
	} else if (!strcmp(state, "integrity")) {
		finding__means(finding, MARK_NOTE, REMARK_LOCKDOWN_INTEGRITY, NO_VALUES);
	}
}

void check_unprivileged_bpf(struct finding *finding, const char *btf_path)
{
	long number;

	(void)btf_path;
	if (sysctl__read(finding, "/proc/sys/kernel/unprivileged_bpf_disabled", &number))
		finding__means(finding, MARK_OK, REMARK_UNPRIVILEGED_BPF, NO_VALUES);
}

void check_paranoid(struct finding *finding, const char *btf_path)
{
	long number;

	(void)btf_path;
	if (!sysctl__read(finding, PARANOID, &number))
		return;
	if (number > 1 && !capable(CAP_PERFMON) && !capable(CAP_SYS_ADMIN)) {
		finding__means(finding, MARK_NOTE,
			       number > 2 ? REMARK_NO_COUNTER : REMARK_KERNEL_NOT_COUNTED,
			       NO_VALUES);
		finding__change(
			finding, REMARK_SET_SYSCTL,
			VALUES(WORD("name", "kernel.perf_event_paranoid"), WORD("value", "1")));
	}
}

void check_kptr(struct finding *finding, const char *btf_path)
{
	const bool syslog = capable(CAP_SYSLOG);
	long number, paranoid;

	(void)btf_path;
	if (!sysctl__read(finding, "/proc/sys/kernel/kptr_restrict", &number))
		return;
	/* as kallsyms_show_value() in the kernel has it */
	if (number < 2 && (syslog || (!number && read_number(PARANOID, &paranoid) && paranoid < 2)))
		return;
	finding__means(finding, MARK_MISSING, REMARK_ADDRESSES_HIDDEN, NO_VALUES);
	if (number == 2)
		finding__change(finding, REMARK_SET_SYSCTL,
				VALUES(WORD("name", "kernel.kptr_restrict"), WORD("value", "0")));
	else
		finding__change(finding, REMARK_RUN_AS_ROOT, NO_VALUES);
}
