// SPDX-License-Identifier: GPL-2.0
/*
 * Compares vmlinux.h, as the compiler put it into the BPF object, with a real kernel's BTF.
 *
 * check OBJECT KERNEL_BTF TYPE...
 *
 * Every member of every TYPE the object uses must exist in the kernel with the same kind and size:
 * CO-RE moves a member to where the kernel has it, but believes our idea of its type. Members that
 * only some kernels have are listed below, with the kernels; the BPF side asks before it reads
 * them. One line a difference; exit status 1 if there is any, 2 on bad usage or unreadable files.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *type, *member, *since;
} optional[] = {
	{"net", "ptype_all", "6.15"},
	{"tcp_zerocopy_receive", "copybuf_len", "5.11"},
	{"sock_common", "skc_v6_daddr", "with CONFIG_IPV6"},
	{"sock_common", "skc_v6_rcv_saddr", "with CONFIG_IPV6"},
	{"msghdr", "msg_ubuf", "6.0"},
	{"skb_shared_info", "flags", "5.12"},
	{"sock", "sk_rx_dst_ifindex", "5.16"},
};

static bool is_optional(const char *type, const char *member)
{
	for (size_t i = 0; i < sizeof(optional) / sizeof(*optional); i++)
		if (!strcmp(optional[i].type, type) && !strcmp(optional[i].member, member))
			return true;
	return false;
}

static const struct btf_type *resolve(const struct btf *btf, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (btf_is_mod(type) || btf_is_typedef(type))
		type = btf__type_by_id(btf, type->type);
	return type;
}

/* A member by name, anonymous records inside looked through; NULL if there is none. */
static const struct btf_member *find_member(const struct btf *btf, const struct btf_type *record,
					    const char *name)
{
	const struct btf_member *member = btf_members(record), *inner;

	for (int i = 0; i < btf_vlen(record); i++, member++) {
		const char *its_name = btf__name_by_offset(btf, member->name_off);

		if (*its_name && !strcmp(its_name, name))
			return member;
		if (!*its_name && btf_is_composite(resolve(btf, member->type))) {
			inner = find_member(btf, resolve(btf, member->type), name);
			if (inner)
				return inner;
		}
	}
	return NULL;
}

/* Records of which we may have named no member. */
static bool is_array_of_records(const struct btf *btf, const struct btf_type *type)
{
	return btf_is_array(type) && btf_is_composite(resolve(btf, btf_array(type)->type));
}

/* Records are compared member by member where they are named; here only what kind of thing it is.
 */
static bool alike(const struct btf *ours, __u32 our_id, const struct btf *theirs, __u32 their_id)
{
	const struct btf_type *a = resolve(ours, our_id), *b = resolve(theirs, their_id);

	if (btf_is_composite(a) || btf_is_composite(b))
		return btf_is_composite(a) && btf_is_composite(b);
	if (btf_is_ptr(a) || btf_is_ptr(b))
		return btf_is_ptr(a) && btf_is_ptr(b);
	if (is_array_of_records(ours, a))
		return is_array_of_records(theirs, b);
	return btf__resolve_size(ours, our_id) == btf__resolve_size(theirs, their_id);
}

static int check_record(const struct btf *ours, const struct btf_type *record,
			const struct btf *kernel, const struct btf_type *real, const char *name)
{
	const struct btf_member *member = btf_members(record), *found;
	int wrong = 0;

	for (int i = 0; i < btf_vlen(record); i++, member++) {
		const char *its_name = btf__name_by_offset(ours, member->name_off);

		found = find_member(kernel, real, its_name);
		if (!found && is_optional(name, its_name))
			continue;
		if (found && alike(ours, member->type, kernel, found->type))
			continue;
		printf("%s.%s: %s\n", name, its_name,
		       found ? "has another type or size in this kernel"
			     : "does not exist in this kernel");
		wrong++;
	}
	return wrong;
}

static int check_enum(const struct btf *ours, const struct btf_type *type, const struct btf *kernel,
		      const struct btf_type *real, const char *name)
{
	int wrong = 0;

	for (int i = 0; i < btf_vlen(type); i++) {
		const char *value = btf__name_by_offset(ours, btf_enum(type)[i].name_off);
		bool found = is_optional(name, value);

		for (int j = 0; !found && j < btf_vlen(real); j++)
			found = !strcmp(btf__name_by_offset(kernel, btf_enum(real)[j].name_off),
					value);
		if (!found) {
			printf("%s.%s: does not exist in this kernel\n", name, value);
			wrong++;
		}
	}
	return wrong;
}

/* 1 if the object uses the type at all, and how often it is wrong added to *wrong. */
static int check_type(const struct btf *ours, const struct btf *kernel, const char *name,
		      int *wrong)
{
	const struct btf_type *type, *real;
	int id, kind = BTF_KIND_STRUCT;

	id = btf__find_by_name_kind(ours, name, kind);
	if (id < 0)
		id = btf__find_by_name_kind(ours, name, kind = BTF_KIND_ENUM);
	if (id < 0)
		return 0;
	type = btf__type_by_id(ours, id);
	id = btf__find_by_name_kind(kernel, name, kind);
	if (id < 0) {
		printf("%s: does not exist in this kernel\n", name);
		++*wrong;
		return 1;
	}
	real = btf__type_by_id(kernel, id);
	if (kind == BTF_KIND_STRUCT)
		*wrong += check_record(ours, type, kernel, real, name);
	else
		*wrong += check_enum(ours, type, kernel, real, name);
	return 1;
}

int main(int argc, char **argv)
{
	struct btf *ours, *kernel;
	int wrong = 0, used = 0;

	if (argc < 4) {
		fprintf(stderr, "usage: check OBJECT KERNEL_BTF TYPE...\n");
		return 2;
	}
	ours = btf__parse(argv[1], NULL);
	kernel = btf__parse(argv[2], NULL);
	if (!ours || !kernel) {
		fprintf(stderr, "check: cannot read BTF from %s: %s\n", ours ? argv[2] : argv[1],
			strerror(errno));
		return 2;
	}
	for (int i = 3; i < argc; i++)
		if (!strstr(argv[i], "___")) /* a flavour is another kernel's */
			used += check_type(ours, kernel, argv[i], &wrong);
	btf__free(ours);
	btf__free(kernel);
	printf("%d types checked, %d differences\n", used, wrong);
	return wrong || !used;
}
