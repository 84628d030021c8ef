/* SPDX-License-Identifier: GPL-2.0 */
/* How kernel memory is read. Two objects are built of bpf/, which differ in this alone. */
#ifndef HARNESS_BPF_READ_H
#define HARNESS_BPF_READ_H

/*
 * One member of a record that an address is of. By a helper, which takes as long as ten loads; or,
 * in the object that is built with CASTS, by a load: the verifier is told the record's type
 * (bpf_rdonly_cast, 6.2), and an address that is none gives 0 in both.
 */
#ifdef CASTS
extern void *bpf_rdonly_cast(const void *address, __u32 type) __ksym;

/* clang knows the kernel's type by its bare name only */
#define ID(type)   bpf_core_type_id_kernel(struct type)
#define TYPE(type) struct type * : ID(type), const struct type * : ID(type)
#define TYPE_OF(pointer)                                                                           \
	_Generic((pointer), TYPE(sk_buff), TYPE(skb_shared_info), TYPE(sock), TYPE(tcphdr),        \
		 TYPE(msghdr), TYPE(list_head), TYPE(packet_type), TYPE(timespec64))
#define CAST(pointer)		((typeof(pointer))bpf_rdonly_cast(pointer, TYPE_OF(pointer)))
#define MEMBER(pointer, member) (CAST(pointer)->member)
#define FIELD(pointer, member)	((pointer)->member)
#define TYPED			true /* such a kernel has BTF */
#else
#define MEMBER(pointer, member) BPF_CORE_READ(pointer, member)
#define FIELD(pointer, member)	READ(typed, pointer, member)
#define TYPED			typed
#endif

/* The word at this address; 0 if it cannot be read. */
static __always_inline __u64 word_of(const void *address)
{
#ifdef CASTS
	/* a record that begins with a plain word: MEMBER as any other */
	return MEMBER((const struct timespec64 *)address, tv_sec);
#else
	__u64 word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), address);
	return word;
#endif
}

/*
 * One member of a record that an argument points to: `plainly`, by a plain load, where it is a
 * tracepoint's or fentry's (TYPED), or as above, where it is a kprobe's, a bare word on any kernel.
 */
#define READ(plainly, pointer, member) ((plainly) ? (pointer)->member : MEMBER(pointer, member))

/*
 * The same for a pointer to a record, read here and not where it is used: newer verifiers look
 * through the kernel's types, a millisecond or two, each time they come to such a load, so it
 * should stand before all branches.
 */
#define POINTER(pointer, member)                                                                   \
	({                                                                                         \
		void *read_here = (void *)FIELD(pointer, member);                                  \
		barrier_var(read_here);                                                            \
		read_here;                                                                         \
	})

/* An address to calculate with, which the verifier does not let one do with a pointer it knows. */
static __always_inline __u64 bare_number(__u64 address)
{
	__u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &address);
	return number;
}

#endif
