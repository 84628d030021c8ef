/* SPDX-License-Identifier: GPL-2.0 */
/* Whose bytes are they, and writing them down. */
#ifndef HARNESS_BPF_BOOK_H
#define HARNESS_BPF_BOOK_H

static __always_inline void add(struct counter *counter, __u64 bytes, __u64 calls)
{
	__sync_fetch_and_add(&counter->bytes, bytes);
	__sync_fetch_and_add(&counter->calls, calls);
}

/*
 * The same where one program alone adds to a counter, which needs no bus lock: a processor is never
 * in a program twice (what would be a second time is skipped, and told as a miss), or, where a
 * kernel does not see to that, the program's place is never interrupted by itself.
 */
static __always_inline void add_alone(struct counter *counter, __u64 bytes, __u64 calls)
{
	counter->bytes += bytes;
	counter->calls += calls;
}

/* Likewise, where nobody asks how often. */
static __always_inline void add_bytes_alone(struct counter *counter, __u64 bytes)
{
	counter->bytes += bytes;
}

/* Where a send's bytes are written down, by its mode. */
static __always_inline struct counter *site_of_send(struct tally *tally, __u32 mode)
{
	if (mode == SITE_SEND_PIN)
		return &tally->site[SITE_SEND_PIN];
	if (mode == SITE_SEND_SPLICE)
		return &tally->site[SITE_SEND_SPLICE];
	return &tally->site[SITE_SEND_COPY];
}

/* An event of a followed process that could not be counted: said aloud, and the run is invalid. */
static __always_inline void lose(void)
{
	__u32 zero = 0;
	__u64 *lost = bpf_map_lookup_elem(&unbooked, &zero);

	if (lost)
		__sync_fetch_and_add(lost, 1);
}

static __always_inline struct scratch *scratch_of_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratches, &zero);
}

/* What a run has on this CPU, here and below `run`; NULL: what is traced is not ours. */
static __always_inline struct scratch *run_of_cpu(void)
{
	return scope ? NULL : scratch_of_cpu();
}

static __always_inline struct tally *tally_in(struct scratch *run, __u32 owner)
{
	struct tally *tally;

	if (run) {
		tally = &run->run.owner[owner % RUN_OWNERS].tally;
		barrier_var(tally); /* else its place is reckoned again at each use */
		return tally;
	}
	if (second_bank)
		owner += rows_max;
	return bpf_map_lookup_elem(&tallies, &owner);
}

static __always_inline struct tally *tally_of(__u32 owner)
{
	return tally_in(run_of_cpu(), owner);
}

static __always_inline void book(__u32 owner, enum site site, __u64 bytes)
{
	struct tally *tally = tally_of(owner);

	if (tally)
		add(&tally->site[site], bytes, 1);
}

static __always_inline void book_extra(__u32 owner, enum extra extra, __u64 bytes)
{
	struct tally *tally = tally_of(owner);

	if (tally)
		add(&tally->extra[extra], bytes, 1);
}

/* The same for programs that are not ours: the process may have to be adopted first. */
static __always_inline struct thread *watched_thread(__u32 tid, __u32 tgid, bool adopt)
{
	__u32 *owner = bpf_map_lookup_elem(&owners, &tgid);
	struct thread fresh = {}, *thread;

	if (!owner && adopt && tid)
		owner = adopt_process(tgid);
	if (!owner)
		return NULL;
	fresh.owner = *owner & ~OWNER_BORN;
	fresh.begun = *owner & OWNER_BORN ? 1 : 0;
	bpf_map_update_elem(&threads, &tid, &fresh, BPF_NOEXIST);
	thread = bpf_map_lookup_elem(&threads, &tid);
	if (!thread)
		lose();
	return thread;
}

/* The thread with this id, made if its process is followed; NULL: nobody's, or no room (lost). */
static __always_inline struct thread *thread_of(__u32 tid, __u32 tgid)
{
	struct thread *thread = bpf_map_lookup_elem(&threads, &tid);
	struct thread fresh = {};
	__u32 *owner;

	if (thread)
		return thread;
	if (scope)
		return watched_thread(tid, tgid, false);
	owner = bpf_map_lookup_elem(&owners, &tgid);
	if (!owner)
		return NULL;
	fresh.owner = *owner;
	bpf_map_update_elem(&threads, &tid, &fresh, BPF_NOEXIST);
	thread = bpf_map_lookup_elem(&threads, &tid);
	if (!thread)
		lose();
	return thread;
}

static __always_inline struct thread *watched_current(__u32 tid, __u32 tgid)
{
	struct thread *thread = bpf_map_lookup_elem(&threads, &tid);

	return thread ?: watched_thread(tid, tgid, true);
}

static __always_inline struct thread *current_thread(void)
{
	__u64 id = bpf_get_current_pid_tgid();

	if (scope)
		return watched_current(id, id >> 32);
	return thread_of(id, id >> 32);
}

/* Without adopting anybody. */
static __always_inline struct thread *known_thread(void)
{
	__u64 id = bpf_get_current_pid_tgid();

	return thread_of(id, id >> 32);
}

#define NOBODY (~0u)

/* Who the current thread's bytes are, of programs that are not ours. */
static __always_inline __u32 watched_owner(void)
{
	struct thread *thread = current_thread();

	return thread ? thread->owner : NOBODY;
}

/*
 * Who this process is, in a run; NOBODY: nobody of it. Mostly it is one that was asked for here
 * lately; one word says which and who, so that whoever interrupts us leaves what is true.
 */
static __always_inline __u32 owner_of_process(__u32 tgid, struct scratch *scratch)
{
	__u64 *kept = &scratch->processes[tgid % KEPT_PROCESSES], word = *kept;
	__u32 *owner;

	if (word && word >> 32 == tgid)
		return word;
	owner = bpf_map_lookup_elem(&owners, &tgid);
	if (!owner)
		return NOBODY;
	*kept = (__u64)tgid << 32 | *owner;
	return *owner;
}

static __always_inline __u32 owner_of_current(struct scratch *scratch)
{
	return owner_of_process(bpf_get_current_pid_tgid() >> 32, scratch);
}

/* Where what a thread does on a socket is written down. */
static __always_inline __u32 row_of(const struct thread *thread, __u64 socket)
{
	__u32 *row = scope && by_socket ? bpf_map_lookup_elem(&sockets, &socket) : NULL;

	return row ? *row : thread->owner;
}

/*
 * Likewise, in a bank that may be turned at any moment: who looks twice could find two tallies, so
 * what belongs together is added to one.
 */
static __always_inline struct tally *tally_on(const struct thread *thread, __u64 socket)
{
	return tally_of(row_of(thread, socket));
}

/*
 * A watched socket belongs to its own row or to its last sender's. Always looked up: sockets come
 * and go, and one may get the address of another that is gone.
 */
static __always_inline void claim_row(struct thread *thread, __u64 socket)
{
	__u32 *row = bpf_map_lookup_elem(&sockets, &socket), fresh;

	thread->socket = socket;
	if (row && (by_socket || *row == thread->owner))
		return;
	fresh = by_socket ? new_socket_row(thread->owner, (void *)socket) : thread->owner;
	if (bpf_map_update_elem(&sockets, &socket, &fresh, BPF_ANY))
		lose();
}

/*
 * Who a socket is of, as of late: again in one word, below the address, which has no bits there.
 * A run has few owners, and its sockets stay theirs.
 */
#define OWNER_BITS 7ULL
static __always_inline __u32 kept_owner(const __u64 *kept, __u64 socket)
{
	for (int i = 0; i < KEPT_SOCKETS; i++)
		if ((kept[i] & ~OWNER_BITS) == socket)
			return kept[i] & OWNER_BITS;
	return NOBODY;
}

static __always_inline void keep_owner(__u64 *kept, __u64 socket, __u32 owner)
{
	if (owner > OWNER_BITS)
		return;
	for (int i = KEPT_SOCKETS - 1; i > 0; i--)
		kept[i] = kept[i - 1];
	kept[0] = bare_number(socket) | owner;
}

static __always_inline __u32 looked_up_owner(__u64 socket)
{
	__u32 *owner = bpf_map_lookup_elem(&sockets, &socket);

	return owner ? *owner : NOBODY;
}

/* Who sends on this socket; NOBODY: nobody who is followed. */
static __always_inline __u32 owner_of_socket(__u64 socket, struct scratch *run)
{
	__u32 owner;

	if (!socket)
		return NOBODY;
	owner = run ? kept_owner(run->senders, socket) : NOBODY;
	if (owner != NOBODY)
		return owner;
	owner = looked_up_owner(socket);
	if (run && owner != NOBODY)
		keep_owner(run->senders, socket, owner);
	return owner;
}

/* Who receives on this socket, in a run: the current process, if the socket is one of TCP. */
static __always_inline __u32 owner_of_receiver(const struct sock *sk, bool plainly,
					       struct scratch *scratch)
{
	__u32 owner = kept_owner(scratch->receivers, (__u64)sk);

	if (owner != NOBODY || READ(plainly, sk, sk_protocol) != IPPROTO_TCP)
		return owner;
	owner = owner_of_current(scratch);
	if (owner != NOBODY)
		keep_owner(scratch->receivers, (__u64)sk, owner);
	return owner;
}

/* Pages in it are lent by a program: then `bytes` of `shared` are read. Asked only where there is
 * need. */
static __always_inline bool holds_pinned(const struct sk_buff *skb, struct shared *shared,
					 bool plainly, __u32 bytes)
{
	if (!pinned || !READ(plainly, skb, data_len))
		return false;
	read_shared(shared, skb, plainly, bytes);
	return shared_is_pinned(shared);
}

/* Who sent this packet: whoever lent its pages, else the socket it belongs to, its skb->sk. */
static __always_inline __u32 owner_of_packet(const struct sk_buff *skb, const struct sock *sk,
					     bool plainly)
{
	struct scratch *run = run_of_cpu();
	struct shared shared;
	__u32 owner = NOBODY;

	if (holds_pinned(skb, &shared, plainly, WHOLE))
		owner = owner_of_socket(lender_of(&shared), run);
	return owner == NOBODY ? owner_of_socket((__u64)sk, run) : owner;
}

#endif
