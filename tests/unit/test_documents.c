// SPDX-License-Identifier: GPL-2.0
/* docs/output.md describes exactly the sites and codes that the program has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/side.h"
#include "ledger/remark.h"
#include "tracer/refusal.h"
#include "tracer/sites.h"

#define DOCUMENT "docs/output.md"

/* The number of codes before each list: these lists are in one enum. */
enum {
#define ONE(id, ...) ONE_##id,
	REASON_CODES(ONE) REASON_COUNT,
	NOTE_ = REASON_COUNT - 1,
	NOTE_CODES(ONE) NOTE_COUNT,
	FINDING_ = NOTE_COUNT - 1,
	FINDING_CODES(ONE) FINDING_COUNT
#undef ONE
};

/* The document from one heading to the next. */
static char *section(const char *heading)
{
	size_t room = 1 << 16, size;
	char *text = calloc(1, room), *start, *end;
	FILE *file = fopen(DOCUMENT, "r");

	assert_non_null(text);
	assert_non_null(file);
	size = fread(text, 1, room - 1, file);
	fclose(file);
	assert_true(size > 0 && size < room - 1);
	start = strstr(text, heading);
	assert_non_null(start);
	end = strstr(start + strlen(heading), "\n## ");
	assert_non_null(end);
	*end = '\0';
	start = strdup(start);
	free(text);
	return start;
}

static size_t rows_of(const char *text)
{
	size_t rows = 0;

	for (; (text = strstr(text, "\n| `")); text++)
		rows++;
	return rows;
}

static void assert_row(const char *text, const char *row)
{
	if (!strstr(text, row))
		fail_msg("%s has no row that begins: %s", DOCUMENT, row + 1);
}

/* "__pskb_pull_tail, skb_segment", each in code */
static void code__functions(const char *functions, char *text, size_t size)
{
	const char *second = strstr(functions, ", ");

	if (second)
		snprintf(text, size, "`%.*s`, `%s`", (int)(second - functions), functions,
			 second + 2);
	else
		snprintf(text, size, "`%s`", functions);
}

static void each_site_has_its_row(void **state)
{
	char *text = section("\n## The sites"), row[512], functions[128];

	(void)state;
	for (int site = 0; site < SITE_COUNT; site++) {
		const struct site_info *info = &sites[site];

		code__functions(info->function, functions, sizeof(functions));
		snprintf(row, sizeof(row), "\n| `%s` | %s | %s | %s | %s | %s |", info->name,
			 side_names[info->side], info->cpu_copy ? "yes" : "no",
			 info->part ? "yes" : "no", functions, info->meaning);
		assert_row(text, row);
	}
	assert_int_equal(rows_of(text), SITE_COUNT);
	free(text);
}

static const char *kind(int code)
{
	if (code < REASON_COUNT)
		return "reason";
	if (code < NOTE_COUNT)
		return "note";
	return code < FINDING_COUNT ? "finding" : "action";
}

static void each_code_has_its_row(void **state)
{
	char *text = section("\n## Codes"), row[128];

	(void)state;
	for (int code = 0; code < REMARK_COUNT; code++) {
		snprintf(row, sizeof(row), "\n| `%s` | %s | ", remark__name(code), kind(code));
		assert_row(text, row);
	}
	assert_int_equal(rows_of(text), REMARK_COUNT);
	free(text);
}

static void each_refusal_has_its_row(void **state)
{
	char *text = section("\n## Why a probe is refused"), row[128];

	(void)state;
	for (int code = REFUSAL_NONE + 1; code < REFUSAL_COUNT; code++) {
		const struct refusal refusal = {.code = code};

		snprintf(row, sizeof(row), "\n| `%s` | ", refusal__code(&refusal));
		assert_row(text, row);
	}
	assert_int_equal(rows_of(text), REFUSAL_COUNT - 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_site_has_its_row),
		cmocka_unit_test(each_code_has_its_row),
		cmocka_unit_test(each_refusal_has_its_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
