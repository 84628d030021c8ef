// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "host/environment.h"
#include "output/json.h"
#include "watch/watch.h"

#define ADDRESS 64

static json_t *process_json(const struct account *account)
{
	const struct row *row = &account->row;
	const char *command = account->command ?: row->command;

	return json_pack("{s:o, s:o}", "pid", json__whole(row->process, row->process), "command",
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

static void add_time(json_t *json, const struct account *account, enum site site)
{
	const struct maybe *time = &account->time_ns[site];
	bool share = time->known && account->seconds > 0;

	json_object_set_new(json, "time_ns", json__whole(time->known, time->value));
	json_object_set_new(json, "time_evidence",
			    json_string(evidence__name(time->known ? time__evidence(site)
								   : EVIDENCE_UNAVAILABLE)));
	json_object_set_new(json, "timed_bytes",
			    json__whole(time->known, account->times.site[site].bytes));
	json_object_set_new(json, "cpu_percent",
			    share ? json_real(time->value / account->seconds / 1e7) : json_null());
}

static json_t *sites_json(const struct account *account, const struct known *known)
{
	json_t *object = json__sites(account->ledger.site, &account->ledger.causes);

	for (int site = 0; site < SITE_COUNT && known->time; site++)
		add_time(json_object_get(object, sites[site].name), account, site);
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
	json_object_set_new(json, "in_flight",
			    json_pack("{s:I, s:I}", "bytes",
				      (json_int_t)extra[EXTRA_IN_FLIGHT].bytes, "calls",
				      (json_int_t)extra[EXTRA_IN_FLIGHT].calls));
	json_object_set_new(
		json, "not_covered",
		json_pack("{s:I, s:o, s:o, s:o}", "io_uring_calls",
			  (json_int_t)(known->io_uring ? 0 : extra[EXTRA_IO_URING].calls), "ktls",
			  json__whole(known->not_covered, extra[EXTRA_TLS].bytes), "sockmap",
			  json__whole(known->not_covered, extra[EXTRA_SOCKMAP].bytes), "mptcp",
			  json__whole(known->not_covered, extra[EXTRA_MPTCP].bytes)));
}

static void add_ledger(json_t *json, const struct account *account, const struct known *known)
{
	const struct counter *extra = account->tally.extra;
	const struct maybe *residual = account->ledger.residual;
	const struct maybe *copies = account->ledger.copies;
	const struct maybe *uncovered = account->uncovered;

	json_object_set_new(json, "sites", sites_json(account, known));
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
	json_object_set_new(
		json, "residual_checked",
		json_pack("{s:b, s:b}", "send", known->sequences, "receive", known->received));
	json_object_set_new(
		json, "retransmits",
		json_pack("{s:o, s:o}", "segments",
			  json__whole(known->retransmits, extra[EXTRA_RETRANSMIT].calls), "bytes",
			  json__whole(known->retransmits, extra[EXTRA_RETRANSMIT].bytes)));
	json_object_set_new(json, "collapsed_bytes",
			    json__whole(account->ledger.site[SITE_RECEIVE_COPY].evidence !=
						EVIDENCE_UNAVAILABLE,
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
	json_object_set_new(json, "context_switches",
			    json__switches(&account->ledger.switches[SENDER]));
}

json_t *watch_json__row(const struct account *account, const struct report *report)
{
	json_t *json = json_object();

	json_object_set_new(json, "process", process_json(account));
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

int watch_json__print(FILE *stream, const struct report *report)
{
	json_t *document = json_object(), *runs = json_array();
	int err;

	for (size_t i = 0; i < report->count; i++)
		json_array_append_new(runs, watch_json__row(report->accounts[i], report));
	json_object_set_new(document, "schema", json_string("harness.ledger/1"));
	json_object_set_new(document, "environment", environment__json());
	json_object_set_new(document, "probes", json__probes(report->probes, report->probe_count));
	json_object_set_new(document, "time_unix_us", json_integer(report->time_unix_us));
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
