// SPDX-License-Identifier: GPL-2.0
#include "tracer/kernel_types.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool kernel_types__are_sound(const struct btf *btf)
{
	const unsigned int count = btf__type_cnt(btf);

	for (unsigned int id = 1; id < count; id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		bool refers = btf_is_ptr(type) || btf_is_mod(type) || btf_is_typedef(type) ||
			      btf_is_func(type) || btf_is_func_proto(type) || btf_is_var(type) ||
			      btf_is_decl_tag(type) || btf_is_type_tag(type);

		if (!btf__name_by_offset(btf, type->name_off) || (refers && type->type >= count))
			return false;
		if (btf_is_func(type) && !btf_is_func_proto(btf__type_by_id(btf, type->type)))
			return false;
		if (btf_is_array(type) &&
		    (btf_array(type)->type >= count || btf_array(type)->index_type >= count))
			return false;
		for (int i = 0; i < btf_vlen(type); i++) {
			if (btf_is_composite(type) &&
			    (btf_members(type)[i].type >= count ||
			     !btf__name_by_offset(btf, btf_members(type)[i].name_off)))
				return false;
			if (btf_is_func_proto(type) &&
			    (btf_params(type)[i].type >= count ||
			     !btf__name_by_offset(btf, btf_params(type)[i].name_off)))
				return false;
			if (btf_is_enum(type) &&
			    !btf__name_by_offset(btf, btf_enum(type)[i].name_off))
				return false;
			if (btf_is_datasec(type) && btf_var_secinfos(type)[i].type >= count)
				return false;
		}
	}
	return true;
}

static struct btf *parse(const char *path, const char **why)
{
	struct stat status;
	struct btf *btf;

	*why = NULL;
	if (stat(path, &status))
		return NULL;
	if (!S_ISREG(status.st_mode)) {
		*why = "no regular file";
		return NULL;
	}
	btf = btf__parse(path, NULL);
	if (!btf || kernel_types__are_sound(btf))
		return btf;
	btf__free(btf);
	*why = "it names types or names that it does not have";
	return NULL;
}

#define OWN_TYPES "/sys/kernel/btf/vmlinux"

/* The errno of reading the kernel's BTF: libbpf returns ESRCH for every fault of the file. */
static int own_types_error(int error)
{
	int fd = open(OWN_TYPES, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return error == ESRCH ? ENOMEM : error;
}

struct btf *kernel_types__open(const char *path)
{
	const char *why = NULL;
	struct btf *btf = path ? parse(path, &why) : btf__load_vmlinux_btf();
	int error = errno;

	if (btf)
		return btf;
	if (path) {
		fprintf(stderr, "harness: --btf %s: cannot read BTF from it: %s\n", path,
			why ?: strerror(error));
		return NULL;
	}
	error = own_types_error(error);
	fprintf(stderr, "harness: cannot read the kernel's types from " OWN_TYPES ": %s%s\n",
		strerror(error),
		error == ENOENT ? "; give them with --btf FILE (the kernel is built without "
				  "CONFIG_DEBUG_INFO_BTF)"
				: "");
	errno = error;
	return NULL;
}

/*
 * The prototype of a function, or of a tracepoint's arguments; NULL: this kernel has none of that
 * name.
 */
static const struct btf_type *find_prototype(const struct btf *btf, const char *function,
					     bool tracepoint)
{
	const struct btf_type *type;
	char name[128];
	int id;

	if (tracepoint) {
		snprintf(name, sizeof(name), "btf_trace_%s", function);
		id = btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
		if (id > 0) /* its type is a pointer to the prototype */
			id = btf__type_by_id(btf, id)->type;
	} else {
		id = btf__find_by_name_kind(btf, function, BTF_KIND_FUNC);
	}
	type = id > 0 ? btf__type_by_id(btf, btf__type_by_id(btf, id)->type) : NULL;
	return type && btf_is_func_proto(type) ? type : NULL;
}

unsigned int kernel_types__arguments(const struct btf *btf, const char *function)
{
	const struct btf_type *type = find_prototype(btf, function, false);

	return type ? btf_vlen(type) : 0;
}

unsigned int kernel_types__tracepoint_arguments(const struct btf *btf, const char *tracepoint)
{
	const struct btf_type *type = find_prototype(btf, tracepoint, true);

	return type && btf_vlen(type) ? btf_vlen(type) - 1
				      : 0; /* the first is the tracepoint's private data */
}

int kernel_types__argument(const struct btf *btf, const char *function, const char *type_name)
{
	const struct btf_type *proto = find_prototype(btf, function, false), *type;
	unsigned int steps = btf__type_cnt(btf); /* more steps mean a cycle */

	for (int i = 0; proto && i < btf_vlen(proto); i++) {
		type = btf__type_by_id(btf, btf_params(proto)[i].type);
		if (!btf_is_ptr(type))
			continue;
		type = btf__type_by_id(btf, type->type);
		while (btf_is_mod(type) && steps--)
			type = btf__type_by_id(btf, type->type);
		if (btf_is_struct(type) &&
		    !strcmp(btf__name_by_offset(btf, type->name_off), type_name))
			return i;
	}
	return -1;
}

int kernel_types__offset(const struct btf *btf, const char *structure, const char *member)
{
	int id = btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(btf, id);

	for (int i = 0; type && i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), member))
			return btf_member_bit_offset(type, i) / 8;
	return -1;
}

bool kernel_types__have_helper(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, "bpf_func_id", BTF_KIND_ENUM);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(btf, id);
	static const char prefix[] = "BPF_FUNC_";

	for (int i = 0; type && i < btf_vlen(type); i++) {
		const char *helper = btf__name_by_offset(btf, btf_enum(type)[i].name_off);

		if (!strncmp(helper, prefix, strlen(prefix)) &&
		    !strcmp(helper + strlen(prefix), name))
			return true;
	}
	return false;
}
