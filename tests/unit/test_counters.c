// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host/counters.h"

static void test_scaling(void **state)
{
	struct readings readings = {};
	struct reading *cycles = readings.reading[COUNTER_CYCLES];
	double value;

	(void)state;
	cycles[MODE_USER] = (struct reading){.value = 300, .enabled_ns = 90, .running_ns = 30};
	cycles[MODE_KERNEL] = (struct reading){.value = 50, .enabled_ns = 90, .running_ns = 90};
	assert_true(reading__scaled(&cycles[MODE_USER], &value));
	assert_true(value == 900);
	assert_true(readings__total(&readings, COUNTER_CYCLES, &value));
	assert_true(value == 950);
	assert_null(reading__why(&cycles[MODE_USER]));
}

static void test_unknown(void **state)
{
	struct readings readings = {};
	struct reading *cycles = readings.reading[COUNTER_CYCLES];
	double value;

	(void)state;
	/* a counter that never ran is not 0 */
	cycles[MODE_USER] = (struct reading){.enabled_ns = 90};
	assert_false(reading__scaled(&cycles[MODE_USER], &value));
	assert_non_null(reading__why(&cycles[MODE_USER]));
	/* half known is unknown */
	cycles[MODE_USER] = (struct reading){.value = 1, .enabled_ns = 1, .running_ns = 1};
	cycles[MODE_KERNEL].error = -EACCES;
	assert_false(readings__total(&readings, COUNTER_CYCLES, &value));
	assert_non_null(strstr(reading__why(&cycles[MODE_KERNEL]), "not permitted"));
	cycles[MODE_KERNEL].error = -ENOENT;
	assert_non_null(strstr(reading__why(&cycles[MODE_KERNEL]), "no such counter"));
	/* a counter that is not split has one mode */
	readings.reading[COUNTER_PAGE_FAULTS][MODE_ALL] =
		(struct reading){.value = 7, .enabled_ns = 1, .running_ns = 1};
	readings.reading[COUNTER_PAGE_FAULTS][MODE_KERNEL].error = -ENOENT;
	assert_true(readings__total(&readings, COUNTER_PAGE_FAULTS, &value));
	assert_true(value == 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scaling),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
