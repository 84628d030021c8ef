// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "host/environment.h"
#include "output/json.h"
#include "tracer/activity.h"
#include "watch/watch.h"
#include "watch/watch_accounts.h"
#include "watch/watch_remarks.h"

#define ADDRESS 64

static json_t *process_json(const struct account *account)
{
	const struct row *row = &account->row;
	const char *command = account->command ?: row->command;

	return json_pack("{s:o, s:o}", "pid", json__whole(row->process, row->process), "command",
			 *command ? json_string(command) : json_null());
}

static json_t *string_or_null(const char *text)
{
	return *text ? json_string(text) : json_null();
}

/* Adds the row's group. A process that is in no container has "known": true and null names. */
static void add_group(json_t *json, enum watch_by by, const struct watch_group *group)
{
	const struct container *container = &group->container;
	const char *name = group->known ? group->name : "";

	if (by == BY_PEER || by == BY_CGROUP)
		json_object_set_new(json, by == BY_PEER ? "peer" : "cgroup", string_or_null(name));
	else
		json_object_set_new(json, "container",
				    json_pack("{s:b, s:o, s:o, s:o, s:o}", "known", group->known,
					      "runtime", string_or_null(container->runtime), "id",
					      string_or_null(container->id), "name",
					      string_or_null(container->name), "pod",
					      string_or_null(container->pod)));
}

static json_t *socket_json(const struct account *account)
{
	char from[ADDRESS], to[ADDRESS];

	if (account->row.kind != ROW_SOCKET)
		return json_null();
	account__address(account, SENDER, from, sizeof(from));
	account__address(account, RECEIVER, to, sizeof(to));
	return json_pack("{s:s, s:s, s:s}", "local", from, "remote", to, "device",
			 account->row.device);
}

static json_t *sites_json(const struct account *account, const struct known *known)
{
	json_t *object = json__sites(account->ledger.site, &account->ledger.causes);

	if (ledger__knows(&account->ledger, SITE_RECEIVE_READ))
		json_object_set_new(json_object_get(object, sites[SITE_RECEIVE_READ].name),
				    "readers", json__readers(&account->ledger.readers, CAUSE_READ));
	if (known->time)
		json__add_times(object, &account->ledger, account->seconds);
	return object;
}

static void add_totals(json_t *json, const struct account *account, const struct known *known)
{
	const struct counter *extra = account->tally.extra;
	bool received = account->received_known;

	json_object_set_new(json, "sent_bytes", json__whole(account->sent_known, account->sent));
	json_object_set_new(json, "received_bytes", json__whole(received, account->received));
	json_object_set_new(
		json, "system_calls",
		json_pack("{s:o, s:o}", "send",
			  json__whole(account->sent_known, account__sends(account).calls),
			  "receive", json_null()));
	json_object_set_new(json, "peeked_bytes", json__whole(received, extra[EXTRA_PEEKED].bytes));
	json_object_set_new(json, "discarded_bytes",
			    json__whole(received, extra[EXTRA_DISCARDED].bytes));
	json_object_set_new(json, "flag_ignored_bytes",
			    json__whole(account->sent_known, extra[EXTRA_FLAG_IGNORED].bytes));
	json_object_set_new(json, "repaired_bytes",
			    json__whole(account->sent_known, extra[EXTRA_REPAIRED].bytes));
	json_object_set_new(json, "tun_bytes",
			    json_pack("{s:o, s:o}", "send",
				      json__whole(known->departures, extra[EXTRA_TUN_OUT].bytes),
				      "receive", json__whole(received, extra[EXTRA_TUN_IN].bytes)));
	json_object_set_new(json, "in_flight",
			    json_pack("{s:I, s:I}", "bytes",
				      (json_int_t)extra[EXTRA_IN_FLIGHT].bytes, "calls",
				      (json_int_t)extra[EXTRA_IN_FLIGHT].calls));
	json_object_set_new(
		json, "not_covered",
		json_pack("{s:I, s:o, s:o, s:o, s:o}", "io_uring_calls",
			  (json_int_t)(known->io_uring ? 0 : extra[EXTRA_IO_URING].calls),
			  "io_uring_zcrx", json__whole(received, extra[EXTRA_ZCRX].bytes), "ktls",
			  json__whole(known->not_covered, extra[EXTRA_TLS].bytes), "sockmap",
			  json__whole(known->not_covered, extra[EXTRA_SOCKMAP].bytes), "mptcp",
			  json__whole(known->not_covered, extra[EXTRA_MPTCP].bytes)));
}

/*
 * The switches of a row. A program without zero-copy sends does not wait for completions in poll().
 */
static json_t *switches_json(const struct account *account)
{
	struct switches switches = account->ledger.switches[SENDER];
	bool none = ledger__knows(&account->ledger, SITE_SEND_PIN) &&
		    !account->tally.site[SITE_SEND_PIN].calls &&
		    !account->tally.extra[EXTRA_COMPLETIONS].calls;
	json_t *json;

	if (none)
		switches.blocked_in[DOING_ELSEWHERE] += switches.blocked_in[DOING_WAIT];
	json = json__switches(&switches);
	if (none)
		json_object_set_new(json_object_get(json, "blocked_in"), activity__name(DOING_WAIT),
				    json_null());
	return json;
}

static void add_ledger(json_t *json, const struct account *account, const struct known *known)
{
	const struct counter *extra = account->tally.extra;
	const struct maybe *residual = account->ledger.residual;
	const struct maybe *copies = account->ledger.copies;
	const struct maybe *uncovered = account->uncovered;

	json_object_set_new(json, "sites", sites_json(account, known));
	json_object_set_new(json, "deferred_pages", json__deferred_pages(&account->ledger));
	json_object_set_new(json, "copies_per_byte",
			    json_pack("{s:o, s:o}", "send",
				      json__real(copies[SENDER].known, copies[SENDER].value),
				      "receive",
				      json__real(copies[RECEIVER].known, copies[RECEIVER].value)));
	json_object_set_new(json, "copies_per_sent_byte",
			    json__real(copies[SENDER].known, copies[SENDER].value));
	json_object_set_new(json, "copies_per_received_byte",
			    json__real(copies[RECEIVER].known, copies[RECEIVER].value));
	json_object_set_new(
		json, "residual",
		json_pack("{s:o, s:o}", "send",
			  json__whole(residual[SENDER].known, residual[SENDER].value), "receive",
			  json__whole(residual[RECEIVER].known, residual[RECEIVER].value)));
	json_object_set_new(
		json, "uncovered",
		json_pack("{s:o, s:o}", "send",
			  json__whole(uncovered[SENDER].known, uncovered[SENDER].value), "receive",
			  json__whole(uncovered[RECEIVER].known, uncovered[RECEIVER].value)));
	json_object_set_new(json, "uncovered_readers",
			    json__readers(&account->ledger.readers, CAUSE_UNCOVERED));
	json_object_set_new(
		json, "residual_checked",
		json_pack("{s:b, s:b}", "send", known->sequences, "receive", known->received));
	json_object_set_new(
		json, "retransmits",
		json_pack("{s:o, s:o}", "segments",
			  json__whole(known->retransmits, extra[EXTRA_RETRANSMIT].calls), "bytes",
			  json__whole(known->retransmits, extra[EXTRA_RETRANSMIT].bytes)));
	json_object_set_new(json, "collapsed_bytes",
			    json__whole(ledger__knows(&account->ledger, SITE_RECEIVE_COPY),
					extra[EXTRA_COLLAPSED].bytes));
	json_object_set_new(
		json, "completions",
		json_pack("{s:o, s:o, s:s}", "received",
			  json__whole(known->completions, extra[EXTRA_COMPLETIONS].calls), "copied",
			  json__whole(known->completions, extra[EXTRA_COPIED].calls), "evidence",
			  evidence__name(known->completions ? EVIDENCE_KERNEL_FLAG
							    : EVIDENCE_UNAVAILABLE)));
	json_object_set_new(json, "pin_attempted_bytes",
			    json__whole(known->pin_attempts, extra[EXTRA_PIN_ATTEMPTED].bytes));
	json_object_set_new(json, "context_switches", switches_json(account));
}

json_t *watch_json__row(const struct account *account, const struct report *report)
{
	json_t *json = json_object();
	bool groups = watch_by__groups(report->options->by);

	json_object_set_new(json, "process",
			    groups ? json_pack("{s:n, s:n}", "pid", "command")
				   : process_json(account));
	if (groups)
		add_group(json, report->options->by, watch_account__group(account));
	if (report->options->by == BY_SOCKET)
		json_object_set_new(json, "socket", socket_json(account));
	json_object_set_new(json, "seconds", json_real(report->seconds));
	add_totals(json, account, report->known);
	add_ledger(json, account, report->known);
	json_object_set_new(json, "valid", json_boolean(account->ledger.valid));
	json__add_remarks(json, &account->ledger);
	return json;
}

static json_t *command_json(const int *status)
{
	bool ended = status && WIFEXITED(*status), killed = status && WIFSIGNALED(*status);

	return json_pack("{s:o, s:o}", "status",
			 json__whole(ended, ended ? WEXITSTATUS(*status) : 0), "signal",
			 json__whole(killed, killed ? WTERMSIG(*status) : 0));
}

static int print_line(FILE *stream, json_t *document)
{
	const size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(JSON_DIGITS);
	int err = 0;

	errno = 0;
	if (json_dumpf(document, stream, flags) || fputc('\n', stream) == EOF)
		err = -(errno ?: EIO);
	json_decref(document);
	return err;
}

static void add_setting(json_t *document, const struct report *report)
{
	json_object_set_new(document, "environment", environment__json());
	json_object_set_new(document, "probes", json__probes(report->probes, report->probe_count));
}

/* The probes that missed events. The first line of a stream has all probes. */
static json_t *missed_json(const struct report *report)
{
	json_t *array = json_array();

	for (size_t i = 0; i < report->probe_count; i++)
		if (probe__missed(&report->probes[i]))
			json_array_append_new(
				array, json_pack("{s:s, s:I}", "program", report->probes[i].program,
						 "missed", (json_int_t)report->probes[i].missed));
	return array;
}

int watch_json__print_start(FILE *stream, const struct report *report)
{
	json_t *document = json_pack("{s:s, s:I}", "schema", "harness.watch_start/1",
				     "time_unix_us", (json_int_t)report->time_unix_us);

	add_setting(document, report);
	return print_line(stream, document);
}

static int add_notes(json_t *document, const struct report *report)
{
	struct account all;
	int err = watch_remarks__collect(report, &all);

	json_object_set_new(document, "notes", json__remarks(&all.ledger, &all.ledger.notes));
	account__reset(&all);
	return err;
}

int watch_json__print(FILE *stream, const struct report *report)
{
	json_t *document = json_object(), *runs = json_array();
	bool interval = report->options->interval > 0;
	int err = 0;

	for (size_t i = 0; i < report->count; i++)
		json_array_append_new(runs, watch_json__row(report->accounts[i], report));
	json_object_set_new(
		document, "schema",
		json_string(interval ? "harness.watch_interval/1" : "harness.ledger/1"));
	if (!interval)
		add_setting(document, report);
	json_object_set_new(document, "time_unix_us", json_integer(report->time_unix_us));
	json_object_set_new(document, "seconds", json_real(report->seconds));
	json_object_set_new(document, "runs", runs);
	json_object_set_new(document, "lost_events", json_integer(report->lost));
	if (interval)
		json_object_set_new(document, "missed", missed_json(report));
	else
		err = add_notes(document, report);
	json_object_set_new(document, "without_a_row_bytes", json_integer(report->without_row));
	json_object_set_new(document, "command", command_json(report->command_status));
	json_object_set_new(document, "valid", json_boolean(report__valid(report)));
	json_object_set_new(document, "complete", json_boolean(report->last));
	return print_line(stream, document) ?: err;
}
