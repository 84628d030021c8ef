// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "traffic/message.h"

#define BYTES 4099
#define SEED  40000

static void test_last_field_takes_the_remainder(void **state)
{
	static const size_t sizes[] = {8, 9, 15, 16, 1000, 65537, MESSAGE_BYTES_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct message message;
		size_t sum = 0;

		assert_int_equal(message__allocate(&message, sizes[i], 0), 0);
		for (int f = 0; f < FIELDS; f++) {
			sum += message.field[f].iov_len;
			if (f < FIELDS - 1)
				assert_int_equal(message.field[f].iov_len, sizes[i] / 8);
		}
		assert_int_equal(sum, sizes[i]);
		message__free(&message);
	}
}

static void test_alignment(void **state)
{
	struct message message;

	(void)state;
	assert_int_equal(message__allocate(&message, BYTES, 4096), 0);
	for (int f = 0; f < FIELDS; f++)
		assert_int_equal((uintptr_t)message.field[f].iov_base % 4096, 0);
	message__free(&message);
	message__free(&message); /* a second free does nothing */
}

/* Each piece of the stream has the same bytes, however it was divided when written. */
static void test_pattern_depends_on_the_position_alone(void **state)
{
	unsigned char whole[256], piece[256];

	(void)state;
	pattern__write(whole, sizeof(whole), SEED, 0);
	for (size_t from = 0; from < 40; from++) {
		for (size_t length = 0; from + length <= 80; length++) {
			memset(piece, 0xaa, sizeof(piece));
			pattern__write(piece, length, SEED, from);
			assert_memory_equal(piece, whole + from, length);
			assert_int_equal(piece[length], 0xaa);
			assert_int_equal(pattern__check(piece, length, SEED, from), length);
		}
	}
	for (size_t i = 0; i < sizeof(whole); i++)
		assert_int_equal(pattern__byte(SEED, i), whole[i]);
}

static void test_every_wrong_byte_is_found_where_it_is(void **state)
{
	unsigned char data[100];

	(void)state;
	for (size_t from = 0; from < 8; from++) {
		for (size_t wrong = 0; wrong < sizeof(data); wrong++) {
			pattern__write(data, sizeof(data), SEED, from);
			data[wrong] ^= 1 << wrong % 8;
			assert_int_equal(pattern__check(data, sizeof(data), SEED, from), wrong);
		}
	}
}

static void test_streams_and_positions_differ(void **state)
{
	unsigned char data[4096];

	(void)state;
	pattern__write(data, sizeof(data), SEED, 0);
	assert_true(pattern__check(data, sizeof(data), SEED + 1, 0) < 8);
	assert_true(pattern__check(data, sizeof(data), SEED, 1 << 20) < 8);
}

static void test_message_is_its_part_of_the_stream(void **state)
{
	struct message message;
	uint64_t position = 3 * BYTES;

	(void)state;
	assert_int_equal(message__allocate(&message, BYTES, 0), 0);
	message__write(&message, SEED, position);
	for (int f = 0; f < FIELDS; f++) {
		size_t length = message.field[f].iov_len;

		assert_int_equal(pattern__check(message.field[f].iov_base, length, SEED, position),
				 length);
		position += length;
	}
	assert_int_equal(position, 4 * BYTES);
	message__free(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_field_takes_the_remainder),
		cmocka_unit_test(test_alignment),
		cmocka_unit_test(test_pattern_depends_on_the_position_alone),
		cmocka_unit_test(test_every_wrong_byte_is_found_where_it_is),
		cmocka_unit_test(test_streams_and_positions_differ),
		cmocka_unit_test(test_message_is_its_part_of_the_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
