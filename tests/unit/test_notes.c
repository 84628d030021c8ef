// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "example.h"
#include "base/text.h"

/* The sentences of an example, in order; NULL ends them. */
static void assert_notes(struct example *example, const char *const notes[])
{
	struct ledger ledger;
	size_t count = 0;

	example__compose(example, &ledger);
	for (; count < ledger.note_count && notes[count]; count++)
		assert_string_equal(ledger.notes[count], notes[count]);
	assert_null(notes[count]);
	assert_int_equal(ledger.note_count, count);
	ledger__free(&ledger);
}

#define NOTES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_NOTES   ((const char *const[]){NULL})

static void test_no_surprise(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	assert_notes(&example, NO_NOTES);
	/* zero-copy that is: nothing deferred, no flag */
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
	assert_notes(&example,
		     NOTES("two_copy packs with memcpy: 1 of its 3 copies per byte is its own"));
	example.result.sent.copied_bytes = EXAMPLE_BYTES / 4;
	assert_notes(
		&example,
		NOTES("two_copy packs with memcpy: 0.25 of its 2.25 copies per byte is its own"));
}

static void test_all_deferred(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &zero_copy);
	assert_notes(&example,
		     NOTES("every byte that zero_copy pinned was copied after all, by local "
			   "delivery on lo"));
	example.cause_count = 0;
	assert_notes(&example, NOTES("every byte that zero_copy pinned was copied after all, cause "
				     "unknown"));
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
		     NOTES("every byte that zero_copy pinned was copied after all, by local "
			   "delivery on lo, plus 131,072 bytes (13.1%) retransmitted"));
	/* retransmits do not explain all of it, or are not counted */
	example__extra(&example, EXTRA_RETRANSMIT)->bytes = 131071;
	assert_notes(
		&example,
		NOTES("every byte that zero_copy pinned was copied after all, by local delivery "
		      "on lo, plus 131,072 bytes (13.1%) copied more than once"));
	example.observed.retransmit_known = false;
	example__extra(&example, EXTRA_RETRANSMIT)->bytes = 131072;
	assert_notes(
		&example,
		NOTES("every byte that zero_copy pinned was copied after all, by local delivery "
		      "on lo, plus 131,072 bytes (13.1%) copied more than once"));
}

static void test_retransmitted_copies(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	*example__extra(&example, EXTRA_RETRANSMIT) = (struct counter){2896, 2};
	assert_notes(&example, NOTES("2,896 bytes of one_copy (0.3%) were sent again, in 2 "
				     "retransmitted segments"));
	example__extra(&example, EXTRA_RETRANSMIT)->calls = 1;
	assert_notes(&example, NOTES("2,896 bytes of one_copy (0.3%) were sent again, in 1 "
				     "retransmitted segment"));
}

static void test_collapsed(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	example.observed.counts[RECEIVER].tally.extra[EXTRA_COLLAPSED].bytes = 4344;
	assert_notes(
		&example,
		NOTES("4,344 bytes of one_copy (0.4%) were copied at least once more in the "
		      "receiver's queue, whose buffer was full (tcp_collapse); copies per byte "
		      "leaves it out"));
}

/* The end of a stream may be sent again, and is no byte. */
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
	assert_notes(&example, NOTES("4 threads a side on 2 processors: they take turns, which the "
				     "latency and the switches show"));
	example.spec.pinned = true;
	assert_notes(&example, NOTES("4 threads a side on 1 processor: they take turns, which the "
				     "latency and the switches show"));
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
		NOTES("50.0% of the bytes that zero_copy pinned (500,000 of 1,000,000) were "
		      "copied after all, by local delivery on lo (60.0%), tun or tap device on "
		      "tun0 (30.0%), unknown causes (10.0%)"));
	/* one byte short of all is not all */
	example__init(&example, &zero_copy);
	example.causes[0].bytes = --example__site(&example, SITE_DEFERRED_COPY)->bytes;
	assert_notes(
		&example,
		NOTES(">99.9% of the bytes that zero_copy pinned (999,999 of 1,000,000) were "
		      "copied after all, by local delivery on lo",
		      "the COPIED flag is set in 10 of 10 completions of zero_copy, but the ledger "
		      "says that >99.9% of the bytes it pinned were copied"));
}

static void test_transmit(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	*example__site(&example, SITE_TRANSMIT_COPY) = (struct counter){250000, 3};
	assert_notes(&example,
		     NOTES("250,000 bytes of one_copy (25.0% of those sent) were copied on "
			   "the way to the device, linearised or segmented without "
			   "scatter-gather"));
}

/* KERNEL.md: scatter-gather off copies every byte, and not every completion says so. */
static void test_flag_too_few(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &zero_copy);
	*example__site(&example, SITE_DEFERRED_COPY) = (struct counter){};
	example.cause_count = 0;
	*example__site(&example, SITE_TRANSMIT_COPY) = (struct counter){EXAMPLE_BYTES, 10};
	example.result.sent.completions_copied = 9;
	assert_notes(
		&example,
		NOTES("1,000,000 bytes of zero_copy (100.0% of those sent) were copied on the "
		      "way to the device, linearised or segmented without scatter-gather",
		      "the COPIED flag is set in 9 of 10 completions of zero_copy, but the ledger "
		      "says that 100.0% of the bytes it pinned were copied"));
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
	assert_notes(
		&example,
		NOTES("the COPIED flag is set in 10 of 10 completions of zero_copy, but the "
		      "ledger says that 0.0% of the bytes it pinned were copied",
		      "a tap made a copy of its own of 1,000,000 bytes of zero_copy (packet tap on "
		      "eth0); copies per byte leaves it out"));
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
	assert_notes(
		&example,
		NOTES("every byte that zero_copy pinned was copied after all, by local delivery "
		      "on lo",
		      "a tap made a copy of its own of 1,000,000 bytes of zero_copy (packet tap on "
		      "lo); copies per byte leaves it out"));
}

/* Without the whole ledger there is nothing to hold against the flag. */
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
	assert_notes(&example,
		     NOTES("1,000,000 bytes of zero_copy (100.0% of those sent) were copied "
			   "inside tcp_sendmsg although MSG_ZEROCOPY was asked for"));
}

static void test_rolled_back(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &zero_copy);
	example__extra(&example, EXTRA_PIN_ATTEMPTED)->bytes += 4096;
	assert_notes(
		&example,
		NOTES("every byte that zero_copy pinned was copied after all, by local delivery "
		      "on lo",
		      "4,096 bytes more were pinned by zero_copy and let go again"));
}

static void test_waits(void **state)
{
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	example.result.sent.enobufs_waits = 1234;
	assert_notes(&example,
		     NOTES("1,234 sends of one_copy had to wait for completions (ENOBUFS: "
			   "net.core.optmem_max bounds what may be pinned)"));
}

static void test_text(void **state)
{
	char text[TEXT_NUMBER], small[8] = "abc";

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
		cmocka_unit_test(test_retransmitted_copies),
		cmocka_unit_test(test_nothing_retransmitted),
		cmocka_unit_test(test_collapsed),
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_partly_deferred),
		cmocka_unit_test(test_transmit),
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
