// SPDX-License-Identifier: GPL-2.0
/* All sentences: the only file that turns a code into English. */
#include "ledger/words.h"

#include <string.h>

/*
 * {name} is a value, {part%whole} a percentage, {+name} an "s" unless it is 1, {=name} a whole
 * number without separators. {extent}: the share of pinned bytes. {causes}: causes of the remark's
 * site. {on}: its device. {taps}: processes with taps. {more}: bytes copied beyond those pinned.
 * {times}: each site's share of the time. {remedy}: advice against a cause. {devices}: why packets
 * to each are copied. {uncounted}: what no probe counts. {instead}: how to send without a copy.
 * {movers}: what moved bytes past the sites.
 */
static const char *const templates[REMARK_COUNT] = {
	[REMARK_BYTES_DISAGREE] = "{sent} bytes were sent, but {received} were received",
	[REMARK_COMPLETIONS_MISSING] = "{expected} completions were expected, but {received} came",
	[REMARK_REQUESTS_UNANSWERED] = "{asked} messages were asked for, but {answered} answered",
	[REMARK_NUMBER_UNKNOWN] = "{number} is unknown: no count of {why}",
	[REMARK_NOTHING_RECEIVED] = "{number} is unknown: nothing was received",
	[REMARK_PATH_NOT_COUNTED] = "{number} is unknown: {uncounted}",
	[REMARK_RESIDUAL_NOT_ZERO] =
		"the {side} residual is {bytes} bytes, not 0: the ledger "
		"misses a copy or counts one twice",
	[REMARK_UNCOVERED_BYTES] =
		"{bytes} bytes to {side} passed no site, and how often they were copied is "
		"unknown: {movers}",
	[REMARK_REQUEST_RESIDUAL_NOT_ZERO] =
		"the residual of the {side}'s requests is {bytes} bytes, not 0",
	[REMARK_WITNESS_DISAGREES] =
		"TCP's own count of the {side} side is {tcp_bytes} bytes, but "
		"the probes counted {counted_bytes}",
	[REMARK_SWITCHES_UNKNOWN] = "context switches are unknown: {why}",
	[REMARK_MISSED_EVENTS] =
		"the kernel skipped probe {probe} on {function} {events} "
		"time{+events}",
	[REMARK_LOST_EVENTS] =
		"{events} event{+events} could not be counted: a map was full "
		"(--map-entries) or memory was unreadable",
	[REMARK_DEPARTURES_UNSEEN] = "TCP sent {bytes} bytes that no probe saw leave",
	[REMARK_DELIVERY_UNSEEN] =
		"{bytes} pinned bytes were delivered on this host, and no probe "
		"saw their copy",
	[REMARK_LINEAR_UNSEEN] =
		"{bytes} bytes were copied on the way to the device, and no probe "
		"saw the copy",
	[REMARK_PINNED_BYTES_UNCOPIED] =
		"all {completions} completions say COPIED, but no probe "
		"saw the copy of {bytes} pinned bytes",
	[REMARK_DEPARTURES_UNKNOWN] =
		"packets that the probes do not see would stay unnoticed: "
		"what leaves a device, or is dropped before, is not counted "
		"here",
	[REMARK_MISSED_ELSEWHERE] =
		"the kernel skipped probe {probe} on {function} {events} "
		"time{+events}; no number here depends on it",
	[REMARK_DEFERRED_COPIES] = "{extent} copied after all, {causes}{more}",
	[REMARK_REMEDY] = "to avoid it: {remedy}",
	[REMARK_TRANSMIT_COPIES] =
		"{bytes} bytes ({bytes%sent_bytes} of those sent) were copied "
		"on the way to the device: {devices}",
	[REMARK_PAYLOAD_HIDDEN] =
		"{bytes} bytes of {site} are whole packets, encrypted or in "
		"fragments: their payload is less, by their headers",
	[REMARK_CAUSE_UNKNOWN] =
		"{bytes} bytes of {site} were copied for {function}: whether that is "
		"a delivery, or something beside it, is not known",
	[REMARK_TAP_COPIES] =
		"a packet tap{taps} copied {bytes} bytes{on}, which "
		"copies per byte leaves out",
	[REMARK_TUN_COPIES] =
		"{sent_bytes} sent bytes left by a tun or tap device, {received_bytes} received "
		"bytes came by one: its program copies each packet in or out there, and again "
		"where it passes it on; these copies are in no site",
	[REMARK_PIN_REFUSED] =
		"{bytes} bytes ({bytes%sent_bytes} of those sent) were copied in "
		"tcp_sendmsg although MSG_ZEROCOPY was asked for",
	[REMARK_PINS_UNDONE] =
		"{bytes} bytes more were pinned, and unpinned before the send "
		"returned",
	[REMARK_FLAG_DISAGREES] =
		"{flagged} of {completions} completions say COPIED, but "
		"{copied_bytes%pinned_bytes} of the pinned bytes were copied",
	[REMARK_OWN_COPIES] =
		"{own} of the {copies_per_byte} copies per byte is the program's own "
		"memcpy",
	[REMARK_RETRANSMITS] =
		"{bytes} bytes ({bytes%sent_bytes} of those sent) were sent again, "
		"in {segments} retransmitted segment{+segments}",
	[REMARK_COLLAPSED] =
		"{bytes} received bytes ({bytes%received_bytes}) were copied at least "
		"once more in the receive queue, whose buffer was full "
		"(tcp_collapse); copies per byte leaves it out; a larger receive "
		"buffer (net.ipv4.tcp_rmem, SO_RCVBUF) avoids it",
	[REMARK_COMPLETION_WAITS] =
		"{sends} send{+sends} had to wait for completions (ENOBUFS: "
		"net.core.optmem_max bounds what may be pinned)",
	[REMARK_STRANGERS] =
		"dropped {connections} connection{+connections} of other programs to the sender's "
		"port",
	[REMARK_THREADS_TAKE_TURNS] =
		"{threads} threads a side on {processors} processor"
		"{+processors}: they take turns, which the latency and the "
		"switches show",
	[REMARK_SEND_COPIES] =
		"{bytes%sent_bytes} of the sent bytes were copied by the send "
		"calls; sendfile avoids it for files, {instead}",
	[REMARK_RECEIVE_COPIES] =
		"{bytes%received_bytes} of the received bytes were copied by the "
		"receive calls; splice avoids it, or TCP_ZEROCOPY_RECEIVE where "
		"packets hold whole pages",
	[REMARK_FLAG_IGNORED] =
		"{bytes} bytes were sent with MSG_ZEROCOPY on sockets without SO_ZEROCOPY: the "
		"kernel ignores the flag there and copies",
	[REMARK_REPAIRED] =
		"{bytes} bytes were copied into the program's own receive queue (TCP_REPAIR): they "
		"are not sent, and in no site until they are received",
	[REMARK_PEEKED] =
		"{bytes} bytes were copied to the program with MSG_PEEK and left in the "
		"queue; a later read copies them again, unless it discards them",
	[REMARK_KERNEL_READERS] =
		"{bytes} bytes were taken inside the kernel, by {readers}; what it did with them "
		"is not counted",
	[REMARK_DISCARDED] =
		"{bytes} bytes were discarded from the queue without a copy "
		"(MSG_TRUNC, or the urgent byte); received bytes leave them out",
	[REMARK_IN_FLIGHT] =
		"{bytes} bytes belong to {calls} call{+calls} that had begun before "
		"the count did, and are not in it",
	[REMARK_NOT_COVERED] =
		"NOT COVERED: {bytes} bytes went through {sockets} sockets, whose "
		"copies other code makes; they are in no number here",
	[REMARK_IO_URING_NOT_COVERED] =
		"NOT COVERED: the program called io_uring {calls} "
		"time{+calls}; what it sends and receives there is not "
		"seen",
	[REMARK_NOT_COVERED_UNKNOWN] =
		"whether there were kTLS, sockmap or MPTCP sockets, which "
		"are not covered, is unknown on this kernel",
	[REMARK_COPIES_TIMED] =
		"copying {timed_bytes%copied_bytes} of the copied bytes took {ns} ns, "
		"{ns%of_ns} of one processor's whole time, idle or not ({times}); "
		"removing these copies wins that at most",
	[REMARK_COPIES_UNTIMED] = "only {timed_bytes} of {bytes} bytes of {site} were timed",
	[REMARK_DEPARTURES_PENDING] =
		"{bytes} sent bytes were not seen to leave: they are still "
		"under way, or no probe saw them (harness doctor: bpf_runs); "
		"later copies of them are not in this ledger",
	[REMARK_TAP_RING_UNSEEN] =
		"a packet tap{taps} is open: what the kernel copies into its ring is not counted "
		"by tracepoints",
	[REMARK_TURNS_MIXED] =
		"{turns} time{+turns} several processes sent on one socket at once: which of them "
		"copies of its pages belong to is not known, deferred_copy of each is an estimate",
	[REMARK_SITE_UNAVAILABLE] = "n/a: {site}: {why}",
	[REMARK_TIME_UNAVAILABLE] =
		"n/a: time of {site}: nothing attaches to both ends of this copy here",
	[REMARK_RECEIVES_UNKNOWN] =
		"n/a: received bytes and receive_copy: nothing tells where a receive ends",
	[REMARK_SENDS_UNCOMPARED] =
		"send residual: 0 by construction here, as one probe gives both what was sent and "
		"what became of it",
	[REMARK_WITHOUT_A_ROW] =
		"{bytes} bytes are of processes or connections without a row of "
		"their own (--rows)",
	[REMARK_UNSENT] =
		"{bytes} bytes were never sent: the connection was closed or reset before",
	[REMARK_COPIES_PENDING] =
		"{bytes} pinned bytes left for this host and were not seen "
		"copied: they are still under way, or no probe saw them (harness "
		"doctor: bpf_runs)",
	[REMARK_RETRIED] = "the run was made {tries} times, because events were missed: {reasons}",
	[REMARK_TURNED_TO_KPROBES] =
		"from here on the probes are kprobes: this kernel kept "
		"skipping the other programs, which it may preempt",
	[REMARK_FOUND] = "{value}",
	[REMARK_BTF_FILE] = "{path}, {bytes} bytes",
	[REMARK_UNREADABLE] = "{path}: {why}",
	[REMARK_SECURITYFS_ABSENT] =
		"{path}: {why} (securityfs is not mounted, or may not be looked at)",
	[REMARK_LOCKDOWN_ABSENT] =
		"{path}: {why} (securityfs is there: the lockdown module is not)",
	[REMARK_LOCKDOWN_STRANGE] = "{path} has a line that is not understood",
	[REMARK_CAPABILITIES_HELD] = "all that the harness uses",
	[REMARK_CAPABILITIES_MISSING] = "missing: {capabilities}",
	[REMARK_FIRST_USER_NAMESPACE] = "the first one, as far as its map shows",
	[REMARK_OTHER_USER_NAMESPACE] = "not the first one",
	[REMARK_OPTMEM] = "{bytes} bytes a socket",
	[REMARK_MEMLOCK] = "{bytes} bytes",
	[REMARK_NAMESPACES_WORK] = "{most} at most; making one works",
	[REMARK_NAMESPACE_REFUSED] = "{most} at most; making one is refused: {why}",
	[REMARK_COUNTER_WORKS] = "counts kernel and user",
	[REMARK_COUNTER_USER_ONLY] = "counts user only; the kernel's share is refused: {why}",
	[REMARK_COUNTER_ABSENT] = "refused: {why} (no such counter here)",
	[REMARK_COUNTER_REFUSED] = "refused: {why}",
	[REMARK_BPF_RUNS] = "whatever task is on a processor, as far as {seconds} s show",
	[REMARK_BPF_KEPT_AWAY] =
		"not while {tasks} is on a processor: {switches} times in {seconds} s",
	[REMARK_BPF_KEPT_AWAY_FROM_MORE] =
		"not while any of these, or of others not noted, {tasks} is on a "
		"processor: {switches} times in {seconds} s",
	[REMARK_NOT_TRACED] = "nothing can be traced",
	[REMARK_TYPES_MISSING] = "nothing can be attached without types",
	[REMARK_TYPES_FROM_FILE] =
		"BTF from a file: fentry cannot be used, and tracepoints are raw",
	[REMARK_NO_SYS_ADMIN] = "CAP_SYS_ADMIN: no namespaces for --path veth and nic",
	[REMARK_NO_BPF] = "CAP_BPF: no BPF programs",
	[REMARK_NO_PERFMON] = "CAP_PERFMON: no BPF programs that trace",
	[REMARK_NO_NET_ADMIN] = "CAP_NET_ADMIN: no interfaces for --path, no change of offloads",
	[REMARK_NO_SYS_PTRACE] =
		"CAP_SYS_PTRACE: of packet taps, only this user's processes are seen",
	[REMARK_NO_SYSLOG] =
		"CAP_SYSLOG: kernel addresses are hidden, deferred_copy and tap_copy unknown",
	[REMARK_NO_IPC_LOCK] = "CAP_IPC_LOCK: RLIMIT_MEMLOCK bounds what MSG_ZEROCOPY pins",
	[REMARK_NAMESPACE_RIGHTS] = "the capabilities of this namespace do not count for bpf()",
	[REMARK_LOCKDOWN_CONFIDENTIALITY] = "no kprobes, and BPF may not read kernel memory",
	[REMARK_LOCKDOWN_INTEGRITY] = "reading is allowed: no probe is lost by it",
	[REMARK_UNPRIVILEGED_BPF] = "no value of it lets a user without capabilities trace",
	[REMARK_KERNEL_NOT_COUNTED] = "without CAP_PERFMON no counter sees the kernel's share",
	[REMARK_NO_COUNTER] =
		"without CAP_PERFMON no counter sees the kernel's share, and some kernels"
		" allow none at all",
	[REMARK_ADDRESSES_HIDDEN] =
		"the kernel hides its addresses: the callers of skb_copy_ubufs cannot be "
		"known, so deferred_copy is lost",
	[REMARK_OPTMEM_SENDS] =
		"at least {sends} MSG_ZEROCOPY sends in flight or with unread "
		"completions, each charged {bytes_a_send} bytes (measured); beyond, sends"
		" are refused with ENOBUFS",
	[REMARK_OPTMEM_UNMEASURED] = "how many sends that is could not be measured over lo: {why}",
	[REMARK_MEMLOCK_EXEMPT] = "does not bind while there is CAP_IPC_LOCK",
	[REMARK_MEMLOCK_SENDS] =
		"{sends} MSG_ZEROCOPY sends of 64K in flight over all processes of this "
		"user; the next is refused with ENOBUFS",
	[REMARK_NAMESPACES_NEEDED] = "--path veth and --path nic:A,B need two; lo needs none",
	[REMARK_SOFTIRQS_UNSEEN] =
		"this kernel was seen to switch to it and never away from it, so it keeps"
		" programs from running there; packets that softirqs handle on top of it "
		"may pass unseen, and a run that loses any names them and is repeated",
	[REMARK_NOTHING_ATTACHES] = "nothing attaches: {why}",
	[REMARK_NOT_TRIED] = "could not be tried",
	[REMARK_NO_METHOD] = "no attach method can count it",
	[REMARK_DATA_NOT_FOUND] = "its programs attach, but kernel data they need cannot be found",
	[REMARK_CALLS_MISSED] = "incomplete: a probe on {function} does not see every call; {why}",
	[REMARK_MEMCPY_PROVED] = "counted by the program; a uprobe proves it",
	[REMARK_MEMCPY_UNTRIED] =
		"counted by the program; whether a uprobe can prove it could not be tried",
	[REMARK_MEMCPY_UNPROVED] =
		"counted by the program; the uprobe that would prove it is refused: {why}",
	[REMARK_NO_PROBE] = "this harness has no probe for it, and no transport of its own uses it",
	[REMARK_HOOKS_REFUSED] = "{functions}: {why}",
	[REMARK_PASSED_BY] = "this kernel has {function}, whose bytes this method does not see",
	[REMARK_VERIFIER] = "verifier: {line}",
	[REMARK_METHOD_UNTRIED] = "cannot be tried without privileges",
	[REMARK_SLOWS_SYSTEM_CALLS] =
		"this slows every system call of the machine; from Linux 6.16 on "
		"tracepoints need none",
	[REMARK_SCATTER_GATHER_OFF] =
		"scatter-gather is off: bytes that MSG_ZEROCOPY or sendfile only "
		"referenced are copied on the way to the device, and bytes of plain sends"
		" a second time (transmit_copy)",
	[REMARK_TX_CHECKSUM_OFF] =
		"transmit checksum is off: bytes that MSG_ZEROCOPY or sendfile only "
		"referenced are copied in order to be summed (transmit_copy); plain sends"
		" are not",
	[REMARK_DELIVERS_HERE] =
		"delivers to this host: every byte MSG_ZEROCOPY pins is copied after all,"
		" at delivery (deferred_copy); sendfile's are not",
	[REMARK_DELIVERS_TO_PEER] =
		"hands packets to its peer on this host: bytes MSG_ZEROCOPY pins are "
		"copied after all where the peer's side delivers them (deferred_copy)",
	[REMARK_XDP_COPIES] =
		"has a {mode} XDP program: what comes by it is copied for that, and no "
		"probe counts it, so copies per byte is unknown",
	[REMARK_TAP_CLONES] =
		"every packet sent through it is cloned, and what MSG_ZEROCOPY pinned is "
		"copied for the clone before any filter runs: one more copy of each byte "
		"(tap_copy), once however many taps there are; sendfile's and plain bytes"
		" are not copied",
	[REMARK_TAP_STOPPED] = "it does not run, and costs nothing",
	[REMARK_TAP_RECEIVES] =
		"it sees received packets of one protocol only: no copy of what is sent",
	[REMARK_TAP_OWNERS_HIDDEN] = "a process that may not be looked at (needs root)",
	[REMARK_TAP_OWNERS_ABSENT] =
		"no process seen here (another pid namespace, or the kernel itself)",
	[REMARK_LEDGER_COMPLETE] = "everything that an exact ledger needs is there",
	[REMARK_LEDGER_INCOMPLETE] = "a ledger would lack {sites}",
	[REMARK_LEDGER_IMPOSSIBLE] = "nothing can be traced: {why}; `harness --trace none` works",
	[REMARK_GIVE_TYPES] =
		"give the types with --btf FILE, or boot a kernel with "
		"CONFIG_DEBUG_INFO_BTF=y",
	[REMARK_RUN_AS_ROOT] = "run it as root (sudo ./harness doctor)",
	[REMARK_LEAVE_CONTAINER] = "run it outside of the container",
	[REMARK_BOOT_WITHOUT_LOCKDOWN] = "boot without lockdown=confidentiality",
	[REMARK_SET_SYSCTL] = "sysctl {name}={value}",
	[REMARK_TURN_ON_OFFLOAD] = "ethtool -K {device} {offload} on",
	[REMARK_END_TAP] = "kill {=pid}",
	[REMARK_RAISE_MEMLOCK] = "ulimit -l unlimited (as root)",
};

const char *words__remedy(const char *cause)
{
	static const char on_this_host[] =
		"the peer is on this host, where MSG_ZEROCOPY copies all the same: send plainly; "
		"vmsplice and splice from end to end, or a Unix socket, avoid copies";
	static const struct {
		const char *cause, *remedy;
	} remedies[] = {
		{"local_delivery", on_this_host},
		{"local_receive", on_this_host},
		{"tun_device",
		 "a tun or tap device (a VPN, a virtual machine) takes the packets: "
		 "send plainly on this path"},
		{"transmit_timestamp",
		 "transmit timestamps carry the data back: set "
		 "SOF_TIMESTAMPING_OPT_TSONLY"},
		{"device_without_zero_copy",
		 "the device's driver cannot hold pinned pages: turn "
		 "its napi_tx on, or send plainly on this path"},
	};

	for (size_t i = 0; i < sizeof(remedies) / sizeof(*remedies); i++)
		if (!strcmp(remedies[i].cause, cause))
			return remedies[i].remedy;
	return "unknown";
}

const char *words__template(enum remark_code code)
{
	return templates[code];
}

const char *words__device(const char *code)
{
	static const struct {
		const char *code, *words;
	} devices[] = {
		{"", "the packets were made linear, or cut into segments without scatter-gather"},
		{"none_lacks", "no device lacks scatter-gather or transmit checksums"},
		{"process_ended", "the process ended before its devices were read"},
		{"scatter_gather_off", "scatter-gather is off"},
		{"scatter_gather_never", "scatter-gather is off and cannot be turned on"},
		{"tx_checksum_off", "transmit checksum is off"},
		{"tx_checksum_never", "transmit checksum is off and cannot be turned on"},
		{"encrypts", "it encrypts each packet in a copy"},
	};

	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++)
		if (!strcmp(devices[i].code, code))
			return devices[i].words;
	return "unknown";
}

const char *words__uncounted(const char *why)
{
	return strcmp(why, "xdp_copies")
		       ? "whether the kernel copies what comes by {device} for an XDP program "
			 "cannot be seen"
		       : "the kernel copies what comes by {device} for the {mode} XDP program "
			 "there, and no probe counts that";
}

const char *words__instead(const char *to)
{
	return strcmp(to, "card")
		       ? "vmsplice and splice for memory; MSG_ZEROCOPY would be copied all the "
			 "same, as no network card takes the bytes"
		       : "MSG_ZEROCOPY for large messages";
}

const char *words__mover(const char *by)
{
	static const struct {
		const char *by, *words;
	} movers[] = {
		{"ktls", "kTLS"},
		{"sockmap", "a BPF sockmap"},
		{"mptcp", "MPTCP"},
		{"io_uring_zcrx", "io_uring's zero-copy receive, which maps bytes or copies them"},
		{"io_uring", "io_uring, where only system calls are seen"},
		{"tcp_recvmsg_locked", "a receive call that is not watched"},
		{"unknown", "code in the kernel, or a process that is not watched"},
	};

	for (size_t i = 0; i < sizeof(movers) / sizeof(*movers); i++)
		if (!strcmp(movers[i].by, by))
			return movers[i].words;
	return NULL;
}
