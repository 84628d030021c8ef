// SPDX-License-Identifier: GPL-2.0
/* The machine's description from invented files, and from none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/folder.h"
#include "host/environment.h"
#include "output/json.h"
#include "host/machine.h"
#include "host/preemption.h"

#define CPU "/sys/devices/system/cpu/"

static void assert_word(const json_t *json, const char *path, const char *word)
{
	const json_t *value = json__at(json, path);

	assert_true(json_is_string(value));
	assert_string_equal(json_string_value(value), word);
}

static void assert_model(const char *version, const char *model)
{
	char word[64];

	assert_int_equal(preemption__model(root, version, word, sizeof(word)), *model != '\0');
	assert_string_equal(word, model);
}

/* The choice at boot, in debugfs, is newer than that of the build. */
static void test_preemption(void **state)
{
	(void)state;
	assert_model("#1 SMP Debian 5.10.262-1", "");
	assert_model("#1 SMP PREEMPT_DYNAMIC Debian 7.2.13-1", "PREEMPT_DYNAMIC");
	assert_model("#1 SMP PREEMPT_RT Debian 6.12", "PREEMPT_RT");
	put("/sys/kernel/debug/sched/preempt", "none (voluntary) full lazy \n");
	assert_model("#1 SMP PREEMPT_DYNAMIC", "voluntary");
	assert_false(preemption__is_on(root));
	put("/sys/kernel/debug/sched/preempt", "full (lazy) \n");
	assert_model("#1 SMP PREEMPT_DYNAMIC", "lazy");
	assert_true(preemption__is_on(root));
}

static void test_all_there(void **state)
{
	json_t *json = json_object(), *why = json_object(), *cache;

	(void)state;
	put(CPU "cpu0/cache/index0/level", "1\n");
	put(CPU "cpu0/cache/index0/type", "Data\n");
	put(CPU "cpu0/cache/index0/size", "48K\n");
	put(CPU "cpu0/cache/index0/shared_cpu_list", "0-1\n");
	put(CPU "cpu0/cache/index1/level", "3\n");
	put(CPU "cpu0/cache/index1/size", "2M\n");
	put(CPU "cpu0/cpufreq/scaling_governor", "performance\n");
	put(CPU "vulnerabilities/meltdown", "Mitigation: PTI\n");
	put(CPU "vulnerabilities/l1tf", "Not affected\n");
	put("/proc/cmdline", "quiet mitigations=off\n");
	machine__describe(root, json, why);

	assert_int_equal(json_array_size(json__at(json, "caches")), 2);
	cache = json_array_get(json__at(json, "caches"), 0);
	assert_int_equal(json_integer_value(json__at(cache, "level")), 1);
	assert_int_equal(json_integer_value(json__at(cache, "bytes")), 48 << 10);
	assert_word(cache, "type", "Data");
	assert_word(cache, "shared_by", "0-1");
	cache = json_array_get(json__at(json, "caches"), 1);
	assert_int_equal(json_integer_value(json__at(cache, "bytes")), 2 << 20);
	assert_true(json_is_null(json__at(cache, "type")));
	assert_word(json, "governor", "performance");
	assert_int_equal(json_object_size(json__at(json, "mitigations")), 2);
	assert_word(json, "mitigations.meltdown", "Mitigation: PTI");
	assert_word(json, "kernel_command_line", "quiet mitigations=off");
	assert_int_equal(json_object_size(why), 0);
	json_decref(json);
	json_decref(why);
}

static void test_nothing_there(void **state)
{
	static const char *const keys[] = {"caches", "governor", "mitigations",
					   "kernel_command_line"};
	json_t *json = json_object(), *why = json_object();

	(void)state;
	put("/proc/cmdline", "");
	machine__describe(root, json, why);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		assert_true(json_is_null(json__at(json, keys[i])));
		assert_true(json_is_string(json__at(why, keys[i])));
	}
	assert_word(why, "governor",
		    CPU "cpu0/cpufreq/scaling_governor: No such file or directory");
	assert_word(why, "kernel_command_line", "/proc/cmdline: No data available");
	json_decref(json);
	json_decref(why);
}

/* This machine: each value is known, or null with a reason, and not both. */
static void test_environment(void **state)
{
	static const char *const keys[] = {"caches", "governor", "mitigations",
					   "kernel_command_line"};
	json_t *json = environment__json();

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const json_t *value = json__at(json, keys[i]);

		assert_non_null(value);
		assert_true(json_is_null(value) ==
			    !!json_object_get(json__at(json, "why"), keys[i]));
	}
	assert_true(json_string_length(json__at(json, "libraries.libbpf")) > 0);
	assert_true(json_string_length(json__at(json, "libraries.jansson")) > 0);
	assert_true(json_string_length(json__at(json, "libraries.libc")) > 0);
	assert_true(json_string_length(json__at(json, "compiler")) > 0);
	assert_in_range(json_integer_value(json__at(json, "cores_allowed")), 1,
			json_integer_value(json__at(json, "cores")));
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_there, make_root, remove_root),
		cmocka_unit_test_setup_teardown(test_nothing_there, make_root, remove_root),
		cmocka_unit_test(test_environment),
		cmocka_unit_test_setup_teardown(test_preemption, make_root, remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
