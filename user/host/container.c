// SPDX-License-Identifier: GPL-2.0
#include "host/container.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define ID_LENGTH    64
#define SHOWN_LENGTH 12 /* of an id, as docker ps and crictl ps show it */

/* The text before an id, in the form of systemd's driver ("docker-ID.scope") or with colons. */
static const struct {
	const char *prefix, *runtime;
} runtimes[] = {
	{"docker", "docker"},	   {"cri-containerd", "containerd"},
	{"nerdctl", "containerd"}, {"crio", "cri-o"},
	{"libpod", "podman"},
};

static bool ends_with(const char *text, size_t length, const char *end)
{
	size_t wanted = strlen(end);

	return length >= wanted && !memcmp(text + length - wanted, end, wanted);
}

static bool is_hex(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

/*
 * The runtime, by the end of the text before an id: all of the text, or its part after a colon.
 * NULL: no container has such a name.
 */
static const char *runtime_before(const char *text, size_t length)
{
	for (size_t i = 0; i < sizeof(runtimes) / sizeof(*runtimes); i++) {
		size_t wanted = strlen(runtimes[i].prefix);

		if (ends_with(text, length, runtimes[i].prefix) &&
		    (length == wanted || text[length - wanted - 1] == ':'))
			return runtimes[i].runtime;
	}
	return NULL;
}

/* "docker-ID.scope", "kubepods-burstable-podUID.slice:cri-containerd:ID", or an id alone. */
static bool take_id(const char *part, size_t length, const char *parent, size_t parent_length,
		    struct container *container)
{
	const char *runtime = "";

	if (ends_with(part, length, ".scope"))
		length -= strlen(".scope");
	if (length < ID_LENGTH || !is_hex(part + length - ID_LENGTH, ID_LENGTH))
		return false;
	if (length > ID_LENGTH)
		runtime = runtime_before(part, length - ID_LENGTH - 1);
	else if (parent_length == 6 && !memcmp(parent, "docker", 6))
		runtime = "docker";
	if (!runtime)
		return false;
	snprintf(container->runtime, sizeof(container->runtime), "%s", runtime);
	snprintf(container->id, sizeof(container->id), "%.*s", ID_LENGTH,
		 part + length - ID_LENGTH);
	container->name[0] = '\0';
	return true;
}

/* systemd writes "-" within a name as "\x2d". */
static void take_name(const char *runtime, const char *from, size_t length,
		      struct container *container)
{
	char hex[3] = "", *to = container->name, *end = to + sizeof(container->name) - 1;

	for (size_t i = 0; i < length && to < end; i++) {
		if (i + 3 < length && from[i] == '\\' && from[i + 1] == 'x') {
			memcpy(hex, from + i + 2, 2);
			*to++ = strtoul(hex, NULL, 16);
			i += 3;
		} else {
			*to++ = from[i];
		}
	}
	*to = '\0';
	snprintf(container->runtime, sizeof(container->runtime), "%s", runtime);
	container->id[0] = '\0';
}

static bool take_named(const char *part, size_t length, struct container *container)
{
	static const struct {
		const char *begin, *end, *runtime;
	} forms[] = {
		{"systemd-nspawn@", ".service", "systemd-nspawn"},
		{"machine-", ".scope", "systemd-nspawn"},
		{"lxc.payload.", "", "lxc"},
	};

	/* a virtual machine of libvirt: it does not send through sockets of this host */
	if (!strncmp(part, "machine-qemu", strlen("machine-qemu")))
		return false;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		size_t begin = strlen(forms[i].begin), end = strlen(forms[i].end);

		if (length > begin + end && !memcmp(part, forms[i].begin, begin) &&
		    ends_with(part, length, forms[i].end)) {
			take_name(forms[i].runtime, part + begin, length - begin - end, container);
			return true;
		}
	}
	return false;
}

/* "pod<uid>" or "kubepods-burstable-pod<uid>.slice", where "_" stands for the "-" of a uid. */
static void take_pod(const char *part, size_t length, struct container *container)
{
	char text[CGROUP_MAX], *uid, *end;

	snprintf(text, sizeof(text), "%.*s", (int)length, part);
	uid = !strncmp(text, "pod", 3) ? text : strstr(text, "-pod");
	if (!uid)
		return;
	uid += *uid == '-' ? 4 : 3;
	for (end = uid; isxdigit((unsigned char)*end) || *end == '-' || *end == '_'; end++)
		if (*end == '_')
			*end = '-';
	if (end - uid != 36 && end - uid != 32) /* 32: a pod that no API server made */
		return;
	*end = '\0';
	snprintf(container->pod, sizeof(container->pod), "%s", uid);
}

bool container__parse(const char *path, struct container *container)
{
	const char *parent = "", *part = path;
	size_t parent_length = 0, length;
	bool found = false;

	*container = (struct container){};
	for (; *part; part += length) {
		part += strspn(part, "/");
		length = strcspn(part, "/");
		take_pod(part, length, container);
		found |= take_id(part, length, parent, parent_length, container) ||
			 take_named(part, length, container);
		parent = part;
		parent_length = length;
	}
	return found;
}

/* The path in "0::/path" or "4:memory:/path"; NULL: no such line. */
static const char *line__path(const char *line, const char *end)
{
	const char *colon = memchr(line, ':', end - line);

	colon = colon ? memchr(colon + 1, ':', end - colon - 1) : NULL;
	return colon ? colon + 1 : NULL;
}

/* A group may be removed before its last process is gone; its path then ends with " (deleted)". */
static void copy_path(char *path, size_t size, const char *from, const char *end)
{
	static const char gone[] = " (deleted)";

	if (ends_with(from, end - from, gone))
		end -= strlen(gone);
	snprintf(path, size, "%.*s", (int)(end - from), from);
}

bool container__find(const char *text, struct container *container)
{
	char path[CGROUP_MAX];
	bool found = false;

	*container = (struct container){};
	for (const char *line = text, *end; *line && !found; line = end + !!*end) {
		const char *from;

		end = line + strcspn(line, "\n");
		from = line__path(line, end);
		if (!from)
			continue;
		copy_path(path, sizeof(path), from, end);
		found = container__parse(path, container);
	}
	return found;
}

void cgroup__path(const char *text, char *path, size_t size)
{
	snprintf(path, size, "/");
	for (const char *line = text, *end; *line; line = end + !!*end) {
		const char *from;
		bool second = !strncmp(line, "0::", 3);

		end = line + strcspn(line, "\n");
		from = line__path(line, end);
		if (from && end - from > 1 && (second || !strcmp(path, "/")))
			copy_path(path, size, from, end);
	}
}

void container__describe(const struct container *container, char *text, size_t size)
{
	snprintf(text, size, "%s%s%.*s%s", container->runtime, *container->runtime ? " " : "",
		 SHOWN_LENGTH, container->id, container->name);
	if (*container->pod)
		text__append(text, size, ", pod %s", container->pod);
}

bool cgroup__read(pid_t pid, char *text, size_t size)
{
	char path[64];
	size_t length = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	file = fopen(path, "re");
	if (file) {
		length = fread(text, 1, size - 1, file);
		fclose(file);
	}
	text[length] = '\0';
	return length;
}
