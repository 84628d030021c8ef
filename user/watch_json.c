// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "activity.h"
#include "environment.h"
#include "json.h"
#include "watch.h"

#define ADDRESS 64

/* A number that is not known is null, never 0. */
static json_t *whole(bool known, int64_t number)
{
	return known ? json_integer(number) : json_null();
}

static json_t *real(const struct maybe *number)
{
	return number->known ? json_real(number->value) : json_null();
}

static json_t *strings(char *const text[], size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_string(text[i]));
	return array;
}

static json_t *process_json(const struct account *account)
{
	const struct row *row = &account->row;
	const char *command = account->command ?: row->command;

	return json_pack("{s:o, s:o}", "pid", whole(row->process, row->process), "command",
			 *command ? json_string(command) : json_null());
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

static json_t *causes_json(const struct account *account, enum site site)
{
	json_t *array = json_array();

	for (size_t i = 0; i < account->cause_count; i++) {
		const struct cause *cause = &account->causes[i];

		if (cause->site == site)
			json_array_append_new(
				array, json_pack("{s:s, s:s, s:s, s:I, s:I}", "cause", cause->cause,
						 "function", cause->function, "device",
						 cause->device, "bytes", (json_int_t)cause->bytes,
						 "calls", (json_int_t)cause->calls));
	}
	return array;
}

static json_t *sites_json(const struct account *account)
{
	json_t *object = json_object(), *json;

	for (int site = 0; site < SITE_COUNT; site++) {
		const struct site_value *value = &account->site[site];
		bool known = value->evidence != EVIDENCE_UNAVAILABLE;

		json = json_pack("{s:o, s:o, s:s}", "bytes", whole(known, value->bytes), "calls",
				 whole(known, value->calls), "evidence",
				 evidence__name(value->evidence));
		if (known && (site == SITE_DEFERRED_COPY || site == SITE_TAP_COPY))
			json_object_set_new(json, "causes", causes_json(account, site));
		json_object_set_new(object, sites[site].name, json);
	}
	return object;
}

static json_t *switches_json(const struct switches *switches)
{
	json_t *blocked = json_object();

	for (int doing = 0; doing < DOING_COUNT; doing++)
		json_object_set_new(blocked, activity__name(doing),
				    whole(switches->blocked_known, switches->blocked_in[doing]));
	return json_pack("{s:o, s:o, s:o}", "voluntary",
			 whole(switches->known, switches->voluntary), "involuntary",
			 whole(switches->known, switches->involuntary), "blocked_in", blocked);
}

static void add_totals(json_t *json, const struct account *account, const struct known *known)
{
	const struct counter *extra = account->tally.extra;
	bool received = account->received_known;

	json_object_set_new(json, "sent_bytes", whole(account->sent_known, account->sent));
	json_object_set_new(json, "received_bytes", whole(received, account->received));
	json_object_set_new(json, "system_calls",
			    json_pack("{s:o, s:o}", "send",
				      whole(account->sent_known, extra[EXTRA_SENT].calls),
				      "receive", whole(received, extra[EXTRA_RECEIVED].calls)));
	json_object_set_new(json, "peeked_bytes", whole(received, extra[EXTRA_PEEKED].bytes));
	json_object_set_new(json, "discarded_bytes", whole(received, extra[EXTRA_DISCARDED].bytes));
	json_object_set_new(json, "in_flight",
			    json_pack("{s:I, s:I}", "bytes",
				      (json_int_t)extra[EXTRA_IN_FLIGHT].bytes, "calls",
				      (json_int_t)extra[EXTRA_IN_FLIGHT].calls));
	json_object_set_new(
		json, "not_covered",
		json_pack("{s:I, s:o, s:o, s:o}", "io_uring_calls",
			  (json_int_t)(known->io_uring ? 0 : extra[EXTRA_IO_URING].calls), "ktls",
			  whole(known->not_covered, extra[EXTRA_TLS].bytes), "sockmap",
			  whole(known->not_covered, extra[EXTRA_SOCKMAP].bytes), "mptcp",
			  whole(known->not_covered, extra[EXTRA_MPTCP].bytes)));
}

static void add_ledger(json_t *json, const struct account *account, const struct known *known)
{
	const struct counter *extra = account->tally.extra;
	const struct maybe *residual = account->residual;

	json_object_set_new(json, "sites", sites_json(account));
	json_object_set_new(json, "copies_per_byte", real(&account->copies_per_byte));
	json_object_set_new(json, "copies_per_sent_byte", real(&account->per_sent));
	json_object_set_new(json, "copies_per_received_byte", real(&account->per_received));
	json_object_set_new(json, "residual",
			    json_pack("{s:o, s:o}", "send",
				      whole(residual[SENDER].known, residual[SENDER].value),
				      "receive",
				      whole(residual[RECEIVER].known, residual[RECEIVER].value)));
	json_object_set_new(json, "retransmits",
			    json_pack("{s:o, s:o}", "segments",
				      whole(known->retransmits, extra[EXTRA_RETRANSMIT].calls),
				      "bytes",
				      whole(known->retransmits, extra[EXTRA_RETRANSMIT].bytes)));
	json_object_set_new(
		json, "completions",
		json_pack("{s:o, s:o, s:s}", "received",
			  whole(known->completions, extra[EXTRA_COMPLETIONS].calls), "copied",
			  whole(known->completions, extra[EXTRA_COPIED].calls), "evidence",
			  evidence__name(known->completions ? EVIDENCE_KERNEL_FLAG
							    : EVIDENCE_UNAVAILABLE)));
	json_object_set_new(json, "pin_attempted_bytes",
			    whole(known->pin_attempts, extra[EXTRA_PIN_ATTEMPTED].bytes));
	json_object_set_new(json, "context_switches", switches_json(&account->switches));
}

static json_t *account_json(const struct account *account, const struct report *report)
{
	json_t *json = json_object();

	json_object_set_new(json, "process", process_json(account));
	if (report->options->by == BY_SOCKET)
		json_object_set_new(json, "socket", socket_json(account));
	json_object_set_new(json, "seconds", json_real(report->seconds));
	add_totals(json, account, report->known);
	add_ledger(json, account, report->known);
	json_object_set_new(json, "valid", json_boolean(account->valid));
	json_object_set_new(json, "why_invalid", strings(account->reasons, account->reason_count));
	json_object_set_new(json, "notes", strings(account->notes, account->note_count));
	return json;
}

static json_t *command_json(const int *status)
{
	bool ended = status && WIFEXITED(*status), killed = status && WIFSIGNALED(*status);

	return json_pack("{s:o, s:o}", "status", whole(ended, ended ? WEXITSTATUS(*status) : 0),
			 "signal", whole(killed, killed ? WTERMSIG(*status) : 0));
}

int watch_json__print(FILE *stream, const struct report *report)
{
	json_t *document = json_object(), *runs = json_array();
	int err;

	for (size_t i = 0; i < report->count; i++)
		json_array_append_new(runs, account_json(report->accounts[i], report));
	json_object_set_new(document, "schema", json_string("harness.ledger/1"));
	json_object_set_new(document, "environment", environment__json());
	json_object_set_new(document, "probes", json__probes(report->probes, report->probe_count));
	json_object_set_new(document, "seconds", json_real(report->seconds));
	json_object_set_new(document, "runs", runs);
	json_object_set_new(document, "lost_events", json_integer(report->lost));
	json_object_set_new(document, "without_a_row_bytes", json_integer(report->shared));
	json_object_set_new(document, "command", command_json(report->command_status));
	json_object_set_new(document, "valid", json_boolean(report__valid(report)));
	json_object_set_new(document, "complete", json_boolean(report->last));
	err = json_dumpf(document, stream, JSON_COMPACT | JSON_REAL_PRECISION(JSON_DIGITS));
	json_decref(document);
	return err || fputc('\n', stream) == EOF ? -EIO : 0;
}
