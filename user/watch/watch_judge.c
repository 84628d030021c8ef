// SPDX-License-Identifier: GPL-2.0
/* --expect, --baseline and --report: judges the only row of a whole watch. */
#include <errno.h>
#include <string.h>

#include "watch/watch_parts.h"

/* Checks the names of --expect against an empty row. */
static int check_names(const struct watch *watch)
{
	/* a name, so that "command" is not null, which may be a number */
	const struct watch_account nothing = {.account.row.command = "-"};
	const struct report report = {.options = watch->options, .known = &watch->known};
	json_t *row = watch_json__row(&nothing.account, &report);
	int err = expectations__check_names(&watch->options->expect, row);

	json_decref(row);
	return err;
}

/* Opens --report before the command runs: a file that stays empty reports no success. */
static int open_report(struct watch *watch)
{
	const char *name = watch->options->report;

	if (!name)
		return 0;
	watch->report_file = fopen(name, "we");
	if (watch->report_file)
		return 0;
	fprintf(stderr, "harness: watch: --report %s: %s\n", name, strerror(errno));
	return -EINVAL;
}

int watch__open_judge(struct watch *watch)
{
	const struct watch_options *options = watch->options;
	int err = check_names(watch);

	if (!err && options->baseline)
		err = baseline__read(&watch->baseline, options->baseline, options->tolerance);
	return err ?: open_report(watch);
}

/* Adds a ruling on validity: numbers of an invalid ledger prove nothing. */
static void add_validity(struct watch *watch, const struct report *report)
{
	struct ruling ruling = {.expected = "valid == true", .found = "false"};

	if (!report__valid(report)) {
		ruling.outcome = RULING_UNMET;
		snprintf(ruling.cause, sizeof(ruling.cause),
			 "events were missed or the ledger has "
			 "a residual: the reasons are in the ledger");
	}
	rulings__add(&watch->rulings, &ruling);
}

static int print_report(const struct watch *watch)
{
	if (!watch->report_file)
		return 0;
	if (watch->options->junit)
		rulings__print_junit(&watch->rulings, watch->report_file);
	else
		rulings__print_tap(&watch->rulings, watch->report_file);
	return fflush(watch->report_file) || ferror(watch->report_file) ? -EIO : 0;
}

int watch__judge(struct watch *watch, const struct report *report)
{
	const struct watch_options *options = watch->options;
	json_t *row;
	int err;

	if (!report->count || !watch_options__judges(options))
		return 0;
	row = watch_json__row(report->accounts[0], report);
	expectations__judge(&options->expect, row, &watch->rulings);
	if (options->baseline)
		baseline__judge(&watch->baseline, row, &watch->rulings);
	json_decref(row);
	watch->unmet = rulings__unmet(&watch->rulings);
	rulings__print(&watch->rulings, stderr);
	add_validity(watch, report);
	err = watch->rulings.err ?: print_report(watch);
	if (err)
		fprintf(stderr, "harness: watch: cannot write the report: %s\n", strerror(-err));
	return err;
}

void watch__close_judge(struct watch *watch)
{
	baseline__free(&watch->baseline);
	rulings__free(&watch->rulings);
	if (watch->report_file)
		fclose(watch->report_file);
}
