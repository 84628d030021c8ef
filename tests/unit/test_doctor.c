// SPDX-License-Identifier: GPL-2.0
/* The doctor's pure parts: what it reads in /proc, and the codes of its findings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/actions.h"
#include "doctor/diagnosis.h"
#include "doctor/method_report.h"
#include "doctor/network_findings.h"
#include "doctor/gaps.h"
#include "doctor/doctor.h"
#include "doctor/doctor_options.h"
#include "host/limits.h"
#include "net/offload.h"
#include "tracer/split.h"
#include "net/taps.h"

static FILE *text(const char *content)
{
	FILE *stream = fmemopen((void *)content, strlen(content), "r");

	assert_non_null(stream);
	return stream;
}

/* --- packet taps ---------------------------------------------------------------------------- */

#define PACKET_HEAD "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"

static int parse_taps(const char *content, struct taps *taps)
{
	FILE *stream = text(content);
	int err;

	*taps = (struct taps){};
	err = taps__parse(stream, taps);
	fclose(stream);
	return err;
}

static void test_taps(void **state)
{
	struct taps taps;

	(void)state;
	assert_int_equal(
		parse_taps(PACKET_HEAD
			   "00000000a5ef9d8d 3      3    0003   2     1 0      0      41417 \n"
			   "ffff8881063f1000 2      10   0800   0     0 4096   1000   9\n",
			   &taps),
		0);
	assert_int_equal(taps.count, 2);
	assert_int_equal(taps.tap[0].protocol, 3);
	assert_int_equal(taps.tap[0].index, 2);
	assert_int_equal(taps.tap[0].inode, 41417);
	assert_true(tap__sees_sends(&taps.tap[0]));
	assert_int_equal(taps.tap[1].protocol, 0x0800);
	assert_int_equal(taps.tap[1].index, 0);
	assert_false(taps.tap[1].running);
	assert_false(tap__sees_sends(&taps.tap[1]));
	taps__free(&taps);
}

static void test_taps_none_and_nonsense(void **state)
{
	struct taps taps;

	(void)state;
	assert_int_equal(parse_taps(PACKET_HEAD, &taps), 0);
	assert_int_equal(taps.count, 0);
	assert_int_equal(parse_taps("something else\n", &taps), -EINVAL);
	taps__free(&taps);
	assert_int_equal(parse_taps(PACKET_HEAD "00000000a5ef9d8d 3 3\n", &taps), -EINVAL);
	taps__free(&taps);
}

/* The one remark that is expected. */
static void assert_code(const struct remarks *remarks, enum remark_code code)
{
	assert_int_equal(remarks->count, 1);
	assert_int_equal(remarks->remark[0].code, code);
}

static void assert_tap(const struct tap *tap, unsigned int unseen, enum mark mark,
		       enum remark_code code)
{
	struct taps taps = {.unseen = unseen};
	struct finding finding = tap__finding(&taps, tap);

	assert_int_equal(finding.mark, mark);
	assert_code(&finding.means, code);
	finding__free(&finding);
}

/* A tap that is stopped, or of another protocol, copies no sent packet. */
static void test_tap_sees_sends(void **state)
{
	struct tap all = {.protocol = 3, .running = true}, stopped = {.protocol = 3};
	struct tap ip = {.protocol = 0x0800, .running = true};

	(void)state;
	assert_true(tap__sees_sends(&all));
	assert_false(tap__sees_sends(&stopped));
	assert_false(tap__sees_sends(&ip));
	assert_tap(&all, 0, MARK_NOTE, REMARK_TAP_CLONES);
	assert_tap(&stopped, 0, MARK_OK, REMARK_TAP_STOPPED);
	assert_tap(&ip, 0, MARK_OK, REMARK_TAP_RECEIVES);
}

static void test_tap_owners(void **state)
{
	struct tap tap = {.protocol = 3,
			  .running = true,
			  .owner = {{12, "tcpdump"}, {13, "dumpcap"}},
			  .owner_count = 2};
	struct taps seen = {}, hidden = {.unseen = 1};
	struct finding finding = tap__finding(&seen, &tap);

	(void)state;
	assert_int_equal(finding.value.count, 0);
	assert_int_equal(finding.change.count, 2);
	assert_int_equal(finding.change.remark[1].code, REMARK_END_TAP);
	assert_int_equal(remark__whole(&finding.change.remark[1], "pid"), 13);
	finding__free(&finding);
	tap.owner_count = 0;
	finding = tap__finding(&hidden, &tap);
	assert_code(&finding.value, REMARK_TAP_OWNERS_HIDDEN);
	assert_int_equal(finding.change.count, 0);
	finding__free(&finding);
	finding = tap__finding(&seen, &tap);
	assert_code(&finding.value, REMARK_TAP_OWNERS_ABSENT);
	finding__free(&finding);
}

/* --- functions the compiler split ----------------------------------------------------------- */

static void test_is_piece(void **state)
{
	static const struct {
		const char *symbol;
		bool piece;
	} cases[] = {
		{"skb_segment.part.0", true},	      {"skb_segment.constprop.0", true},
		{"skb_segment.isra.0", true},	      {"skb_segment.llvm.1234567", true},
		{"skb_segment.isra.0.part.1", true},  {"skb_segment", false},
		{"skb_segment.cold", false},	      {"skb_segment.part.0.cold", false},
		{"skb_segment_list.part.0", false},   {"__skb_segment.part.0", false},
		{"skb_segment.__UNIQUE_ID_1", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(split__is_piece(cases[i].symbol, "skb_segment"), cases[i].piece);
}

static void test_split_find(void **state)
{
	struct split splits[] = {{.function = "whole"},
				 {.function = "parted"},
				 {.function = "gone"},
				 {.function = "twice"},
				 {.function = "cloned"}};
	FILE *stream =
		text("ffffffff81000000 T whole\n"
		     "ffffffff81000010 t whole.cold\n"
		     "ffffffff81000020 T parted\n"
		     "ffffffff81000030 t parted.part.0\n"
		     "0000000000000000 t twice\n"
		     "0000000000000000 t twice\n"
		     "ffffffff81000040 t cloned.constprop.0\n"
		     "ffffffff81000050 d whole.part.0\n"
		     "ffffffffc0000000 t whole\t[other]\n");
	struct symbols symbols = symbols__read(stream);
	char words[256];

	(void)state;
	fclose(stream);
	assert_int_equal(split__find(&symbols, splits, 5), 0);
	assert_false(split__incomplete(&splits[0]));
	assert_int_equal(splits[0].plain, 1);
	split__describe(&splits[0], words, sizeof(words));
	assert_string_equal(words, "");
	assert_true(split__incomplete(&splits[1]));
	split__describe(&splits[1], words, sizeof(words));
	assert_string_equal(words, "the compiler split it: parted.part.0");
	/* a function that the kernel lacks is not split */
	assert_false(split__incomplete(&splits[2]));
	assert_int_equal(splits[2].plain, 0);
	assert_true(split__incomplete(&splits[3]));
	split__describe(&splits[3], words, sizeof(words));
	assert_string_equal(words, "2 functions of the kernel have that name");
	assert_true(split__incomplete(&splits[4]));
	split__describe(&splits[4], words, sizeof(words));
	assert_string_equal(words,
			    "the compiler split it: cloned.constprop.0, and no plain cloned "
			    "is left");
	symbols__free(&symbols);
}

static void test_split_nothing_to_read(void **state)
{
	struct split split = {.function = "whole"};
	FILE *stream = text("\n");
	struct symbols symbols = symbols__read(stream);

	(void)state;
	fclose(stream);
	assert_int_equal(split__find(&symbols, &split, 1), -ENODATA);
	symbols__free(&symbols);
}

/* --- methods -----------------------------------------------------------------------------------
 */

static const struct probe_status attached = {.function = "tcp_sendmsg", .attach = ATTACH_KPROBE};
static const struct probe_status sys_exit = {.function = "sys_exit", .attach = ATTACH_TRACEPOINT};
static const struct probe_status refused_enter = {.function = "tcp_sendmsg",
						  .attach = ATTACH_FENTRY,
						  .state = PROBE_REFUSED,
						  .refusal = {REFUSAL_BY_KERNEL, -EBUSY, "fentry"},
						  .why = "busy"};
static const struct probe_status refused_other = {.function = "skb_segment",
						  .attach = ATTACH_FENTRY,
						  .state = PROBE_REFUSED,
						  .refusal = {REFUSAL_BY_KERNEL, -EBUSY, "fentry"},
						  .why = "busy"};
static const struct probe_status refused_else = {.function = "skb_copy_ubufs",
						 .attach = ATTACH_FENTRY,
						 .state = PROBE_REFUSED,
						 .refusal = {REFUSAL_NO_FUNCTION, -ENOENT, ""},
						 .why = "no such function"};

static void test_method_name(void **state)
{
	struct hook_method method = {.programs = {{.status = &attached}, {.status = &sys_exit}},
				     .count = 2};
	char name[64];

	(void)state;
	method__name(&method, name, sizeof(name));
	assert_string_equal(name, "kprobe, system calls");
	method.count = 1;
	method__name(&method, name, sizeof(name));
	assert_string_equal(name, "kprobe");
	method.programs[0].status = &sys_exit;
	method__name(&method, name, sizeof(name));
	assert_string_equal(name, "tracepoint, system calls");
	method.programs[0].status = &refused_enter;
	method__name(&method, name, sizeof(name));
	assert_string_equal(name, "fentry");
}

static void assert_refused(const struct remark *remark, const char *functions, const char *why)
{
	assert_int_equal(remark->code, REMARK_HOOKS_REFUSED);
	assert_string_equal(remark__word(remark, "functions"), functions);
	assert_string_equal(remark__word(remark, "why"), why);
}

static void test_method_why(void **state)
{
	struct hook_method method = {.programs = {{.status = &refused_enter},
						  {.status = &refused_enter},
						  {.status = &refused_else},
						  {.status = &refused_other}},
				     .count = 4};
	struct remarks why = {};

	(void)state;
	method__why(&method, &why);
	assert_int_equal(why.count, 2);
	assert_refused(&why.remark[0], "tcp_sendmsg, skb_segment", "busy");
	assert_refused(&why.remark[1], "skb_copy_ubufs", "no such function");
	remarks__free(&why);
	method.count = 0;
	method.missed_function = "do_tcp_sendpages";
	method__why(&method, &why);
	assert_code(&why, REMARK_PASSED_BY);
	assert_string_equal(remark__word(&why.remark[0], "function"), "do_tcp_sendpages");
	remarks__free(&why);
}

/* If one of several programs is enough, the missing ones are no reason while one is there. */
static void test_method_why_either(void **state)
{
	struct hook_method method = {.programs = {{.status = &attached, .one_is_enough = true},
						  {.status = &refused_else, .one_is_enough = true}},
				     .count = 2};
	struct remarks why = {};

	(void)state;
	method__why(&method, &why);
	assert_int_equal(why.count, 0);
	method.programs[0].status = &refused_other;
	method__why(&method, &why);
	assert_int_equal(why.count, 2);
	assert_refused(&why.remark[0], "skb_segment", "busy");
	assert_refused(&why.remark[1], "skb_copy_ubufs", "no such function");
	remarks__free(&why);
}

/* Only a method that traces each system call costs more than its hooks. */
static void test_method_cost(void **state)
{
	struct method_report report = {.method = {.programs = {{.status = &attached}}, .count = 1}};

	(void)state;
	method__cost(&report);
	assert_int_equal(report.cost.count, 0);
	report.method.programs[0].status = &sys_exit;
	method__cost(&report);
	assert_code(&report.cost, REMARK_SLOWS_SYSTEM_CALLS);
	remarks__free(&report.cost);
}

/* --- interfaces and limits ------------------------------------------------------------------ */

static void assert_offload(const struct interface *interface, enum offload offload,
			   enum remark_code means, enum remark_code change)
{
	struct finding finding = offload__finding(interface, offload);

	assert_int_equal(finding.mark, means < REMARK_COUNT ? MARK_NOTE : MARK_OK);
	assert_int_equal(finding.means.count, means < REMARK_COUNT);
	assert_int_equal(finding.change.count, change < REMARK_COUNT);
	if (finding.means.count)
		assert_code(&finding.means, means);
	if (finding.change.count)
		assert_code(&finding.change, change);
	finding__free(&finding);
}

#define NOTHING REMARK_COUNT

static void test_offloads(void **state)
{
	struct interface eth = {.name = "eth0"};
	struct finding finding;

	(void)state;
	/* unknown: no finding */
	assert_offload(&eth, OFFLOAD_SG, NOTHING, NOTHING);
	eth.offload[OFFLOAD_SG] = (struct offload_state){.known = true};
	assert_offload(&eth, OFFLOAD_SG, REMARK_SCATTER_GATHER_OFF, REMARK_TURN_ON_OFFLOAD);
	finding = offload__finding(&eth, OFFLOAD_SG);
	assert_string_equal(remark__word(&finding.change.remark[0], "device"), "eth0");
	assert_string_equal(remark__word(&finding.change.remark[0], "offload"), "sg");
	finding__free(&finding);
	/* a command that would be refused is not advised */
	eth.offload[OFFLOAD_SG].fixed = true;
	assert_offload(&eth, OFFLOAD_SG, REMARK_SCATTER_GATHER_OFF, NOTHING);
	eth.offload[OFFLOAD_SG].on = true;
	assert_offload(&eth, OFFLOAD_SG, NOTHING, NOTHING);
	eth.offload[OFFLOAD_CHECKSUM] = (struct offload_state){.known = true};
	assert_offload(&eth, OFFLOAD_CHECKSUM, REMARK_TX_CHECKSUM_OFF, REMARK_TURN_ON_OFFLOAD);
	/* segmentation in software refers to the same pages */
	eth.offload[OFFLOAD_TSO] = (struct offload_state){.known = true};
	assert_offload(&eth, OFFLOAD_TSO, NOTHING, NOTHING);
}

static void test_delivery(void **state)
{
	struct interface lo = {.name = "lo"}, veth = {.name = "x", .driver = "veth"};
	struct interface eth = {.name = "eth0", .driver = "virtio_net"};
	struct finding finding = interface__finding(&lo, XDP_MODE_NONE);

	(void)state;
	assert_code(&finding.means, REMARK_DELIVERS_HERE);
	finding__free(&finding);
	finding = interface__finding(&veth, XDP_MODE_NONE);
	assert_code(&finding.means, REMARK_DELIVERS_TO_PEER);
	finding__free(&finding);
	finding = interface__finding(&eth, XDP_MODE_NONE);
	assert_int_equal(finding.means.count, 0);
	finding__free(&finding);
	finding = interface__finding(&eth, XDP_MODE_GENERIC);
	assert_code(&finding.means, REMARK_XDP_COPIES);
	finding__free(&finding);
}

/* Missing things precede notes, a command is printed once, and things in order have none. */
static void test_actions(void **state)
{
	struct doctor doctor = {.device_count = 1};
	struct findings *tracing = &doctor.findings[CHECK_TRACING];
	struct finding *fine = findings__add(tracing, "fine"), *note = findings__add(tracing, "a");
	struct finding *lost = findings__add(tracing, "b"), *same = findings__add(tracing, "c");
	struct remarks actions;

	(void)state;
	doctor.devices[0].interface = (struct interface){.name = "eth0"};
	doctor.devices[0].interface.offload[OFFLOAD_SG] = (struct offload_state){.known = true};
	finding__change(fine, REMARK_GIVE_TYPES, NO_VALUES);
	note->mark = MARK_NOTE;
	finding__change(note, REMARK_RUN_AS_ROOT, NO_VALUES);
	lost->mark = same->mark = MARK_MISSING;
	for (int i = 0; i < 2; i++)
		finding__change(i ? same : lost, REMARK_SET_SYSCTL,
				VALUES(WORD("name", "kernel.kptr_restrict"), WORD("value", "0")));
	actions = actions__of(&doctor);
	assert_int_equal(actions.count, 3);
	assert_int_equal(actions.remark[0].code, REMARK_SET_SYSCTL);
	assert_int_equal(actions.remark[1].code, REMARK_RUN_AS_ROOT);
	assert_int_equal(actions.remark[2].code, REMARK_TURN_ON_OFFLOAD);
	remarks__free(&actions);
	findings__free(tracing);
}

static void test_limits(void **state)
{
	(void)state;
	assert_int_equal(limits__sends_by_optmem(131072, 832), 157);
	assert_int_equal(limits__sends_by_optmem(131072, 0), 0);
	/* mm_account_pinned_pages: 16 pages of data and 2 more a send, of 256 */
	assert_int_equal(limits__sends_by_memlock(1 << 20, 4096, 65536), 14);
	assert_int_equal(limits__sends_by_memlock(1 << 20, 65536, 65536), 5);
	assert_int_equal(limits__sends_by_memlock(0, 4096, 65536), 0);
}

/* --- the command line ----------------------------------------------------------------------- */

static int parse(struct doctor_options *options, char *first, char *second)
{
	char *argv[] = {"doctor", first, second, NULL};

	return doctor_options__parse(!!first + !!second + 1, argv, options);
}

static void test_options(void **state)
{
	struct doctor_options options;

	(void)state;
	assert_int_equal(parse(&options, NULL, NULL), 0);
	assert_false(options.common.json || options.path_given || options.device);
	assert_int_equal(parse(&options, "--json", "--device=eth7"), 0);
	assert_true(options.common.json);
	assert_string_equal(options.device, "eth7");
	assert_int_equal(parse(&options, "--path=nic:a,b", "--attach=kprobe"), 0);
	assert_int_equal(options.path.kind, PATH_NIC);
	assert_int_equal(options.common.attach, ATTACH_KPROBE);
	assert_int_equal(parse(&options, "--path=lo", "--device=lo"), -EINVAL);
	assert_int_equal(parse(&options, "--device=", NULL), -EINVAL);
	assert_int_equal(parse(&options, "--device=a-name-that-is-too-long", NULL), -EINVAL);
	assert_int_equal(parse(&options, "--device=a/b", NULL), -EINVAL);
	assert_int_equal(parse(&options, "--json", "--json"), -EINVAL);
	assert_int_equal(parse(&options, "walk", NULL), -EINVAL);
}

/* --- the verdict ---------------------------------------------------------------------------- */

static void test_names(void **state)
{
	struct group_report report = {.sites = 1u << SITE_SEND_COPY | 1u << SITE_SEND_PIN};
	struct group_report switches = {.name = "context_switches"};
	char names[128];

	(void)state;
	group_report__names(&report, names, sizeof(names));
	assert_string_equal(names, "send_copy, send_pin");
	group_report__names(&switches, names, sizeof(names));
	assert_string_equal(names, "context_switches");
}

/* If the list of tasks is full, other tasks may be missing. */
static void test_gaps(void **state)
{
	struct diagnosis diagnosis = {.gap_count = GAPS_MAX - 1};
	struct finding finding = {};

	(void)state;
	diagnosis__gaps(&diagnosis, &finding);
	assert_code(&finding.value, REMARK_BPF_KEPT_AWAY);
	finding__free(&finding);
	finding = (struct finding){};
	diagnosis.gap_count = GAPS_MAX;
	diagnosis__gaps(&diagnosis, &finding);
	assert_code(&finding.value, REMARK_BPF_KEPT_AWAY_FROM_MORE);
	finding__free(&finding);
}

/* What this device lacks; nothing if both are on. */
static void test_what_of_a_device_copies(void **state)
{
	static const struct offload_state on = {true, true, false}, off = {true, false, false},
					  fixed = {true, false, true}, unknown = {};
	const struct {
		const char *driver;
		struct offload_state sg, checksum;
		enum device_cause cause;
	} cases[] = {
		{"veth", on, on, DEVICE_COPIES_NOTHING},
		{"veth", unknown, unknown, DEVICE_COPIES_NOTHING},
		{"bridge", off, on, DEVICE_SG_OFF},
		{"bond", fixed, off, DEVICE_SG_NEVER},
		{"veth", on, off, DEVICE_CHECKSUM_OFF},
		{"802.1Q VLAN Support", on, fixed, DEVICE_CHECKSUM_NEVER},
		{"wireguard", on, on, DEVICE_ENCRYPTS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct interface device = {};

		strcpy(device.driver, cases[i].driver);
		device.offload[OFFLOAD_SG] = cases[i].sg;
		device.offload[OFFLOAD_CHECKSUM] = cases[i].checksum;
		assert_int_equal(interface__cause(&device), cases[i].cause);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_of_a_device_copies),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_taps),
		cmocka_unit_test(test_taps_none_and_nonsense),
		cmocka_unit_test(test_tap_sees_sends),
		cmocka_unit_test(test_tap_owners),
		cmocka_unit_test(test_is_piece),
		cmocka_unit_test(test_split_find),
		cmocka_unit_test(test_split_nothing_to_read),
		cmocka_unit_test(test_method_name),
		cmocka_unit_test(test_method_why),
		cmocka_unit_test(test_method_why_either),
		cmocka_unit_test(test_method_cost),
		cmocka_unit_test(test_offloads),
		cmocka_unit_test(test_delivery),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
