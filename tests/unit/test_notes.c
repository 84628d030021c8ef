// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "example.h"
#include "base/text.h"

/* A remark without its sentence: "retransmits bytes=10 sent_bytes=100 segments=1". */
static const char *remark__values(const struct remark *remark, char *text, size_t size)
{
	snprintf(text, size, "%s", remark__name(remark->code));
	for (size_t i = 0; i < remark->value_count; i++) {
		const struct value *value = &remark->value[i];

		if (value->kind == VALUE_WORD)
			text__append(text, size, " %s=%s", value->name, value->word);
		else if (value->kind == VALUE_REAL)
			text__append(text, size, " %s=%.4g", value->name, value->real);
		else
			text__append(text, size, " %s=%lld", value->name, (long long)value->whole);
	}
	return text;
}

/* Asserts the notes of an example, in order; NULL ends them. */
static void assert_notes(struct example *example, const char *const notes[])
{
	struct run_ledger run;
	char text[512];
	size_t count = 0;

	example__compose(example, &run);
	for (; count < run.ledger.notes.count && notes[count]; count++)
		assert_string_equal(
			remark__values(&run.ledger.notes.remark[count], text, sizeof(text)),
			notes[count]);
	assert_null(notes[count]);
	assert_int_equal(run.ledger.notes.count, count);
	run_ledger__free(&run);
}

#define NOTES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_NOTES   ((const char *const[]){NULL})

static void test_no_surprise(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	assert_notes(&example, NO_NOTES);
	/* zero-copy without a copy: no deferred copy, no flag */
	example__init(&example, &zero_copy);
	*example__site(&example, SITE_DEFERRED_COPY) = (struct counter){};
	example.cause_count = 0;
	example.result.sent.completions_copied = 0;
	assert_notes(&example, NO_NOTES);
}

static void test_own_copies(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &two_copy);
	assert_notes(&example, NOTES("own_copies own=1 copies_per_byte=3"));
	example.result.sent.copied_bytes = EXAMPLE_BYTES / 4;
	assert_notes(&example, NOTES("own_copies own=0.25 copies_per_byte=2.25"));
}

static void test_all_deferred(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &zero_copy);
	assert_notes(
		&example,
		NOTES("deferred_copies site=deferred_copy bytes=1000000 "
		      "pinned_bytes=1000000 excess_bytes=0 retransmitted_bytes=0 beside_bytes=0"));
	example.cause_count = 0;
	assert_notes(
		&example,
		NOTES("deferred_copies site=deferred_copy bytes=1000000 "
		      "pinned_bytes=1000000 excess_bytes=0 retransmitted_bytes=0 beside_bytes=0"));
}

static void test_retransmitted(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &zero_copy);
	example__site(&example, SITE_DEFERRED_COPY)->bytes += 131072;
	example.causes[0].bytes += 131072;
	*example__extra(&example, EXTRA_RETRANSMIT) = (struct counter){131072, 2};
	assert_notes(&example,
		     NOTES("deferred_copies site=deferred_copy bytes=1000000 pinned_bytes=1000000 "
			   "excess_bytes=131072 retransmitted_bytes=131072 beside_bytes=0",
			   "retransmits bytes=131072 sent_bytes=1000000 segments=2"));
	/* retransmits explain only a part, or are not counted */
	example__extra(&example, EXTRA_RETRANSMIT)->bytes = 131071;
	assert_notes(&example,
		     NOTES("deferred_copies site=deferred_copy bytes=1000000 pinned_bytes=1000000 "
			   "excess_bytes=131072 retransmitted_bytes=0 beside_bytes=0",
			   "retransmits bytes=131071 sent_bytes=1000000 segments=2"));
	example.observed.known.retransmits = false;
	example__extra(&example, EXTRA_RETRANSMIT)->bytes = 131072;
	assert_notes(&example,
		     NOTES("deferred_copies site=deferred_copy bytes=1000000 pinned_bytes=1000000 "
			   "excess_bytes=131072 retransmitted_bytes=0 beside_bytes=0"));
}

/* Plain bytes and files' bytes in the packets of pinned ones are not blamed on retransmits. */
static void test_copied_beside(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &zero_copy);
	example__site(&example, SITE_DEFERRED_COPY)->bytes += 131072;
	example.causes[0].bytes += 131072;
	*example__extra(&example, EXTRA_RETRANSMIT) = (struct counter){131072, 2};
	*example__extra(&example, EXTRA_DEFERRED_OWN) = (struct counter){131072, 3};
	*example__extra(&example, EXTRA_DEFERRED_FILES) = (struct counter){1000, 1};
	assert_notes(&example,
		     NOTES("deferred_copies site=deferred_copy bytes=1000000 pinned_bytes=1000000 "
			   "excess_bytes=0 retransmitted_bytes=0 beside_bytes=131072",
			   "retransmits bytes=131072 sent_bytes=1000000 segments=2"));
	/* not known: of a socket that two processes send on, or of fragments not looked at */
	for (size_t i = 0; i < 2; i++) {
		enum extra unknown[] = {EXTRA_SHARED, EXTRA_DEFERRED_UNSORTED};

		example__extra(&example, unknown[i])->calls = 1;
		assert_notes(&example,
			     NOTES("deferred_copies site=deferred_copy bytes=1000000 "
				   "pinned_bytes=1000000 "
				   "excess_bytes=131072 retransmitted_bytes=131072",
				   "retransmits bytes=131072 sent_bytes=1000000 segments=2"));
		example__extra(&example, unknown[i])->calls = 0;
	}
}

static void test_retransmitted_copies(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	*example__extra(&example, EXTRA_RETRANSMIT) = (struct counter){2896, 2};
	assert_notes(&example, NOTES("retransmits bytes=2896 sent_bytes=1000000 segments=2"));
	example__extra(&example, EXTRA_RETRANSMIT)->calls = 1;
	assert_notes(&example, NOTES("retransmits bytes=2896 sent_bytes=1000000 segments=1"));
}

static void test_collapsed(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	example.observed.counts[RECEIVER].tally.extra[EXTRA_COLLAPSED].bytes = 4344;
	assert_notes(&example, NOTES("collapsed bytes=4344 received_bytes=1000000"));
}

/* A retransmitted FIN has no payload. */
static void test_nothing_retransmitted(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	*example__extra(&example, EXTRA_RETRANSMIT) = (struct counter){0, 1};
	assert_notes(&example, NO_NOTES);
}

static void test_crowd(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	example.spec.threads = 4;
	example.spec.cores = 4;
	assert_notes(&example, NO_NOTES);
	example.spec.cores = 0; /* unknown */
	assert_notes(&example, NO_NOTES);
	example.spec.cores = 2;
	assert_notes(&example, NOTES("threads_take_turns threads=4 processors=2"));
	example.spec.pinned = true;
	assert_notes(&example, NOTES("threads_take_turns threads=4 processors=1"));
}

static void test_partly_deferred(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &zero_copy);
	example.result.sent.completions_copied = 5;
	example__site(&example, SITE_DEFERRED_COPY)->bytes = 500000;
	example.causes[0].bytes = 300000;
	example.causes[1] = (struct cause){"tun or tap device", "tun_net_xmit", "tun0",
					   SITE_DEFERRED_COPY,	150000,		2};
	example.cause_count = 2;
	assert_notes(
		&example,
		NOTES("deferred_copies site=deferred_copy bytes=500000 "
		      "pinned_bytes=1000000 excess_bytes=0 retransmitted_bytes=0 beside_bytes=0"));
	/* one byte short of all is not all */
	example__init(&example, &zero_copy);
	example.causes[0].bytes = --example__site(&example, SITE_DEFERRED_COPY)->bytes;
	assert_notes(
		&example,
		NOTES("deferred_copies site=deferred_copy bytes=999999 "
		      "pinned_bytes=1000000 excess_bytes=0 retransmitted_bytes=0 beside_bytes=0",
		      "flag_disagrees flagged=10 completions=10 copied_bytes=999999 "
		      "pinned_bytes=1000000"));
}

static void test_transmit(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	*example__site(&example, SITE_TRANSMIT_COPY) = (struct counter){250000, 3};
	assert_notes(&example, NOTES("transmit_copies site=transmit_copy bytes=250000 "
				     "sent_bytes=1000000 devices="));
}

/* Whole packets were counted; their payload is smaller. */
static void test_hidden(void **state)
{
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &one_copy);
	*example__site(&example, SITE_TRANSMIT_COPY) = (struct counter){250000, 3};
	*example__extra(&example, EXTRA_LEFT_HIDDEN) = (struct counter){240000, 2};
	assert_notes(&example, NOTES("transmit_copies site=transmit_copy bytes=250000 "
				     "sent_bytes=1000000 devices=",
				     "payload_hidden site=transmit_copy bytes=240000"));
	example__compose(&example, &run);
	assert_int_equal(run.ledger.site[SITE_TRANSMIT_COPY].evidence, EVIDENCE_UPPER_BOUND);
	assert_int_equal(run.ledger.copies_evidence, EVIDENCE_UPPER_BOUND);
	run_ledger__free(&run);
}

/* A caller that no table has does not count as delivery. */
static void test_unknown_cause(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &zero_copy);
	example.causes[0].cause = "unknown cause";
	strcpy(example.causes[0].function, "new_function");
	assert_notes(
		&example,
		NOTES("deferred_copies site=deferred_copy bytes=1000000 "
		      "pinned_bytes=1000000 excess_bytes=0 retransmitted_bytes=0 beside_bytes=0",
		      "cause_unknown site=deferred_copy bytes=1000000 function=new_function"));
}

static void test_trampolines(void **state)
{
	(void)state;
	assert_true(cause__is_trampoline("bpf_trampoline_6442518528"));
	assert_true(cause__is_trampoline("ftrace_trampoline"));
	assert_true(cause__is_trampoline("0xffffffffc0201000"));
	assert_false(cause__is_trampoline("tun_net_xmit"));
	assert_false(cause__is_trampoline("dev_queue_xmit_nit"));
}

/* Without scatter-gather the kernel copies each byte, and not each completion has the flag. */
static void test_flag_too_few(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &zero_copy);
	*example__site(&example, SITE_DEFERRED_COPY) = (struct counter){};
	example.cause_count = 0;
	*example__site(&example, SITE_TRANSMIT_COPY) = (struct counter){EXAMPLE_BYTES, 10};
	example.result.sent.completions_copied = 9;
	assert_notes(&example, NOTES("transmit_copies site=transmit_copy bytes=1000000 "
				     "sent_bytes=1000000 devices=",
				     "flag_disagrees flagged=9 completions=10 copied_bytes=1000000 "
				     "pinned_bytes=1000000"));
}

/* A tap's clone is copied and sets the flag, though the device sends the pinned pages. */
static void test_flag_by_tap(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &zero_copy);
	*example__site(&example, SITE_DEFERRED_COPY) = (struct counter){};
	*example__site(&example, SITE_TAP_COPY) = (struct counter){EXAMPLE_BYTES, 10};
	example.causes[0] = (struct cause){"packet tap",  "dev_queue_xmit_nit", "eth0",
					   SITE_TAP_COPY, EXAMPLE_BYTES,	10};
	assert_notes(&example,
		     NOTES("flag_disagrees flagged=10 completions=10 copied_bytes=0 "
			   "pinned_bytes=1000000",
			   "tap_copies site=tap_copy bytes=1000000 pinned_bytes=1000000 taps="));
}

/* A packet tapped and then delivered is copied twice, and each copy has its own cause. */
static void test_tap_and_delivery(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &zero_copy);
	*example__site(&example, SITE_TAP_COPY) = (struct counter){EXAMPLE_BYTES, 10};
	example.causes[1] = (struct cause){"packet tap",  "dev_queue_xmit_nit", "lo",
					   SITE_TAP_COPY, EXAMPLE_BYTES,	10};
	example.cause_count = 2;
	assert_notes(&example,
		     NOTES("deferred_copies site=deferred_copy bytes=1000000 pinned_bytes=1000000 "
			   "excess_bytes=0 retransmitted_bytes=0 beside_bytes=0",
			   "tap_copies site=tap_copy bytes=1000000 pinned_bytes=1000000 taps="));
}

/* Without the whole ledger nothing can be compared with the flag. */
static void test_flag_unknown(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &zero_copy);
	example__refuse(&example, "skb_copy_ubufs", SITE_DEFERRED_COPY);
	example.result.sent.completions_copied = 3;
	assert_notes(&example, NO_NOTES);
}

static void test_pin_refused(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &zero_copy);
	*example__site(&example, SITE_SEND_PIN) = (struct counter){};
	*example__site(&example, SITE_DEFERRED_COPY) = (struct counter){};
	*example__extra(&example, EXTRA_PIN_ATTEMPTED) = (struct counter){};
	*example__site(&example, SITE_SEND_COPY) = (struct counter){EXAMPLE_BYTES, 10};
	example.cause_count = 0;
	assert_notes(&example, NOTES("pin_refused bytes=1000000 sent_bytes=1000000"));
}

static void test_rolled_back(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &zero_copy);
	example__extra(&example, EXTRA_PIN_ATTEMPTED)->bytes += 4096;
	assert_notes(
		&example,
		NOTES("deferred_copies site=deferred_copy bytes=1000000 "
		      "pinned_bytes=1000000 excess_bytes=0 retransmitted_bytes=0 beside_bytes=0",
		      "pins_undone bytes=4096"));
}

static void test_waits(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	example.result.sent.enobufs_waits = 1234;
	assert_notes(&example, NOTES("completion_waits sends=1234"));
	example.result.strangers = 3;
	assert_notes(&example, NOTES("completion_waits sends=1234", "strangers connections=3"));
}

static void test_text(void **state)
{
	static const struct {
		const char *name, *clean;
	} names[] = {
		{"caf\xc3\xa9 \xf0\x9f\x90\x9d", "caf\xc3\xa9 \xf0\x9f\x90\x9d"},
		{"\x1b[2J\x7f\n", "?[2J??"},
		{"a\xc2\x9b"
		 "b",
		 "a??b"},				     /* a control character of two bytes */
		{"\xff\xc3", "??"},			     /* the last one is cut off */
		{"\xc0\xaf\xe0\x80\xaf", "?????"},	     /* overlong forms */
		{"\xed\xa0\x80\xf4\x90\x80\x80", "???????"}, /* not characters */
	};
	char text[TEXT_NUMBER], small[8] = "abc";

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(text, sizeof(text), "%s", names[i].name);
		text__clean(text);
		assert_string_equal(text, names[i].clean);
	}

	(void)state;
	assert_string_equal(text__grouped(text, 0), "0");
	assert_string_equal(text__grouped(text, 999), "999");
	assert_string_equal(text__grouped(text, 1000), "1,000");
	assert_string_equal(text__grouped(text, UINT64_MAX), "18,446,744,073,709,551,615");
	assert_string_equal(text__size(text, 8), "8");
	assert_string_equal(text__size(text, 1000), "1000");
	assert_string_equal(text__size(text, 4096), "4K");
	assert_string_equal(text__size(text, 3 << 20), "3M");
	assert_string_equal(text__percent(text, 0, 0), "0.0%");
	assert_string_equal(text__percent(text, 0, 5), "0.0%");
	assert_string_equal(text__percent(text, 1, 1000000), "<0.1%");
	assert_string_equal(text__percent(text, 1, 8), "12.5%");
	assert_string_equal(text__percent(text, 999999, 1000000), ">99.9%");
	assert_string_equal(text__percent(text, 5, 5), "100.0%");
	text__append(small, sizeof(small), "%s", "defghi");
	assert_string_equal(small, "abcdefg");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_surprise),
		cmocka_unit_test(test_own_copies),
		cmocka_unit_test(test_all_deferred),
		cmocka_unit_test(test_retransmitted),
		cmocka_unit_test(test_copied_beside),
		cmocka_unit_test(test_retransmitted_copies),
		cmocka_unit_test(test_nothing_retransmitted),
		cmocka_unit_test(test_collapsed),
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_partly_deferred),
		cmocka_unit_test(test_transmit),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_unknown_cause),
		cmocka_unit_test(test_trampolines),
		cmocka_unit_test(test_flag_too_few),
		cmocka_unit_test(test_flag_by_tap),
		cmocka_unit_test(test_tap_and_delivery),
		cmocka_unit_test(test_flag_unknown),
		cmocka_unit_test(test_pin_refused),
		cmocka_unit_test(test_rolled_back),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
