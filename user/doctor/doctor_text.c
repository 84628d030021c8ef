// SPDX-License-Identifier: GPL-2.0
/* The report of the doctor, as text. */
#include <errno.h>
#include <string.h>

#include "doctor/actions.h"
#include "doctor/doctor.h"
#include "doctor/network_findings.h"
#include "base/version.h"
#include "output/screen.h"
#include "base/exit_status.h"
#include "base/text.h"

#define WIDTH  80 /* the same on any screen, so that two reports can be compared */
#define MARK   9  /* where words start, after the mark */
#define VALUE  43 /* where values of the checks start */
#define DETAIL 11

/* Prints words from column `at` on, with further lines indented to `indent`. Ends the line. */
static void wrap(FILE *stream, int at, int indent, const char *text)
{
	static const struct screen page = {.width = WIDTH};

	screen__wrap(stream, &page, at, indent, text);
}

/* A paragraph below a row: the lead, then the text. */
static void detail(FILE *stream, int indent, const char *lead, const char *text)
{
	char line[2 * SENTENCE_MAX];

	if (!*text)
		return;
	snprintf(line, sizeof(line), "%s%s", lead, text);
	fprintf(stream, "%*s", indent, "");
	wrap(stream, indent, indent + 2, line);
}

/* The same for remarks: one paragraph. */
static void detail_remarks(FILE *stream, const char *lead, const struct remarks *remarks)
{
	char text[SENTENCE_MAX];

	words__sentences(NULL, remarks, text, sizeof(text));
	detail(stream, DETAIL, lead, text);
}

static void title(FILE *stream, const char *words)
{
	fprintf(stream, "\n%s\n", words);
}

static void print_findings(FILE *stream, const char *words, const struct findings *findings)
{
	char text[SENTENCE_MAX];

	title(stream, words);
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->finding[i];
		int at = fprintf(stream, "%-*s%-*s ", MARK, mark__name(finding->mark),
				 VALUE - MARK - 1, finding->key);

		words__sentences(NULL, &finding->value, text, sizeof(text));
		wrap(stream, at, VALUE, text);
		detail_remarks(stream, "", &finding->means);
		detail_remarks(stream, "to change it: ", &finding->change);
	}
}

/* "tcp_sendmsg_locked, sock_send_length": each function once, without those that are refused. */
static void method__functions(const struct hook_method *method, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < method->count; i++) {
		const struct probe_status *status = method->programs[i].status;
		bool named = status->state == PROBE_REFUSED;

		for (size_t before = 0; before < i; before++)
			named = named || !strcmp(method->programs[before].status->function,
						 status->function);
		if (!named)
			text__append(text, size, "%s%s", *text ? ", " : "", status->function);
	}
}

static void print_method(FILE *stream, const struct method_report *report)
{
	static const char *const leads[] = {
		[VERDICT_WORKS] = " could be used too: ",
		[VERDICT_UNUSABLE] = " cannot be used: ",
		[VERDICT_UNKNOWN] = ": ",
	};
	char lead[80], functions[SENTENCE_MAX];

	method__functions(&report->method, functions, sizeof(functions));
	if (report->chosen)
		snprintf(lead, sizeof(lead), "by %s: ", report->name);
	else
		snprintf(lead, sizeof(lead), "%s%s", report->name, leads[report->verdict]);
	if (report->verdict == VERDICT_WORKS)
		detail(stream, DETAIL, lead, functions);
	else
		detail_remarks(stream, lead, &report->why);
	detail_remarks(stream, "", &report->cost);
}

/* "send_copy (derived), send_pin (exact)" */
static void group_report__describe(const struct group_report *report, char *text, size_t size)
{
	snprintf(text, size, "%s", report->name ?: "");
	for (int site = 0; site < SITE_COUNT; site++) {
		if (!(report->sites & 1u << site))
			continue;
		text__append(text, size, "%s%s", *text ? ", " : "", sites[site].name);
		if (report->evidence[site] != EVIDENCE_UNAVAILABLE)
			text__append(text, size, " (%s)", evidence__name(report->evidence[site]));
	}
}

static void print_groups(FILE *stream, const struct diagnosis *diagnosis, bool verbose)
{
	char names[SENTENCE_MAX];

	title(stream, "Sites: by what each is counted, and why one is missing");
	for (size_t i = 0; i < diagnosis->group_count; i++) {
		const struct group_report *report = &diagnosis->groups[i];
		bool lacks = report->needed && report->mark != MARK_OK;
		int at = fprintf(stream, "%-*s", MARK, mark__name(report->mark));

		group_report__describe(report, names, sizeof(names));
		if (report->on_request)
			text__append(names, sizeof(names), ", only when asked for");
		wrap(stream, at, MARK, names);
		detail_remarks(stream, "", &report->why);
		for (size_t method = 0; method < report->method_count; method++)
			if (verbose || lacks || report->methods[method].chosen)
				print_method(stream, &report->methods[method]);
	}
	if (!verbose)
		fprintf(stream, "%*sthe other methods: --verbose\n", MARK, "");
}

static void print_splits(FILE *stream, const struct diagnosis *diagnosis)
{
	char words[SENTENCE_MAX];
	size_t split = 0;

	title(stream, "Functions the compiler split");
	for (size_t i = 0; i < diagnosis->split_count; i++) {
		if (!split__incomplete(&diagnosis->splits[i]))
			continue;
		split__describe(&diagnosis->splits[i], words, sizeof(words));
		fprintf(stream, "%-*s%s\n", MARK, mark__name(MARK_NOTE),
			diagnosis->splits[i].function);
		detail(stream, DETAIL, "", words);
		split++;
	}
	if (diagnosis->split_error || !diagnosis->split_count)
		fprintf(stream, "%-*snot looked for: %s\n", MARK, mark__name(MARK_UNKNOWN),
			diagnosis->split_error ? strerror(-diagnosis->split_error)
					       : "without types nothing would be probed");
	else if (!split)
		fprintf(stream, "%-*snone of the %zu that could be probed\n", MARK,
			mark__name(MARK_OK), diagnosis->split_count);
}

static void print_device(FILE *stream, const struct seen_device *seen)
{
	const struct interface *interface = &seen->interface;
	struct finding finding = interface__finding(interface, seen->xdp), offload[OFFLOAD_COUNT];
	enum mark mark = finding.mark;

	for (int i = 0; i < OFFLOAD_COUNT; i++) {
		offload[i] = offload__finding(interface, i);
		if (mark == MARK_OK)
			mark = offload[i].mark;
	}
	fprintf(stream, "%-*s%s%s%s", MARK, mark__name(mark), interface->name,
		seen->side ? " of the " : "", seen->side ?: "");
	fprintf(stream, interface->mtu < 0 ? " mtu unknown" : " mtu %d", interface->mtu);
	fprintf(stream, "%s%s", interface->driver[0] ? " driver " : "", interface->driver);
	for (int i = 0; i < OFFLOAD_COUNT; i++) {
		const struct offload_state *state = &interface->offload[i];

		fprintf(stream, "  %s %s%s", offloads[i].title,
			!state->known ? "unknown"
			: state->on   ? "on"
				      : "off",
			state->known && state->fixed ? "*" : "");
	}
	fputc('\n', stream);
	if (interface->error)
		detail(stream, DETAIL,
		       "offloads cannot be asked for: ", strerror(-interface->error));
	detail_remarks(stream, "", &finding.means);
	for (int i = 0; i < OFFLOAD_COUNT; i++) {
		detail_remarks(stream, "", &offload[i].means);
		detail_remarks(stream, "to change it: ", &offload[i].change);
		finding__free(&offload[i]);
	}
	finding__free(&finding);
}

static void print_devices(FILE *stream, const struct doctor *doctor)
{
	title(stream, "Interfaces (* fixed: no command changes it)");
	for (size_t i = 0; i < doctor->device_count; i++)
		print_device(stream, &doctor->devices[i]);
	if (doctor->device_error)
		fprintf(stream, "%-*sthe interfaces could not be looked at: %s\n", MARK,
			mark__name(MARK_UNKNOWN), strerror(-doctor->device_error));
	else if (!doctor->device_count)
		fprintf(stream, "%-*sno interface is up\n", MARK, mark__name(MARK_NOTE));
	if (doctor->devices_left_out)
		fprintf(stream, "%-*s%zu more were not looked at; see --device\n", MARK,
			mark__name(MARK_UNKNOWN), doctor->devices_left_out);
}

/* "pid 12 (tcpdump), pid 13 (dumpcap)", or why the owners are not known */
static void tap__owners(const struct tap *tap, const struct finding *finding, char *text,
			size_t size)
{
	words__sentences(NULL, &finding->value, text, size);
	for (size_t i = 0; i < tap->owner_count; i++)
		text__append(text, size, "%spid %d (%s)", i ? ", " : "", tap->owner[i].pid,
			     tap->owner[i].comm);
}

static void print_tap(FILE *stream, const struct taps *taps, const struct tap *tap)
{
	struct finding finding = tap__finding(taps, tap);
	char owners[SENTENCE_MAX], line[2 * SENTENCE_MAX], where[64] = "";
	int at;

	if (tap->namespace)
		snprintf(where, sizeof(where), " in net:[%lu]", tap->namespace);

	tap__owners(tap, &finding, owners, sizeof(owners));
	snprintf(line, sizeof(line), "%s%s%s, protocol 0x%04x: %s",
		 tap->index ? "on " : "on every ",
		 tap->index ? tap->device[0] ? tap->device : "an interface that is gone"
			    : "interface",
		 where, tap->protocol, owners);
	at = fprintf(stream, "%-*s", MARK, mark__name(finding.mark));
	wrap(stream, at, MARK, line);
	detail_remarks(stream, "", &finding.means);
	detail_remarks(stream, "to change it: ", &finding.change);
	finding__free(&finding);
}

static void print_taps(FILE *stream, const struct taps *taps)
{
	title(stream, "Packet taps (of every network namespace that may be entered)");
	if (taps->error)
		fprintf(stream, "%-*s/proc/net/packet: %s\n", MARK, mark__name(MARK_UNKNOWN),
			strerror(-taps->error));
	else if (!taps->count)
		fprintf(stream, "%-*snone\n", MARK, mark__name(MARK_OK));
	for (size_t i = 0; i < taps->count; i++)
		print_tap(stream, taps, &taps->tap[i]);
}

static void print_verdict(FILE *stream, const struct doctor *doctor)
{
	struct remarks verdict = doctor__verdict(doctor);
	char text[SENTENCE_MAX];

	words__sentences(NULL, &verdict, text, sizeof(text));
	fputc('\n', stream);
	wrap(stream, 0, 0, text);
	remarks__free(&verdict);
}

/* Each once, the most useful first. */
static void print_actions(FILE *stream, const struct doctor *doctor)
{
	struct remarks actions = actions__of(doctor);
	char text[SENTENCE_MAX];

	if (actions.count)
		title(stream, "What to do, the most useful first");
	for (size_t i = 0; i < actions.count; i++) {
		int at = fprintf(stream, "%*zu  ", MARK - 2, i + 1);

		words__sentence(NULL, &actions.remark[i], text, sizeof(text));
		wrap(stream, at, MARK, text);
	}
	remarks__free(&actions);
}

int doctor__print(FILE *stream, const struct doctor *doctor, bool verbose)
{
	fprintf(stream, "harness %s\n", version__text());
	print_findings(stream, check_titles[CHECK_TRACING], &doctor->findings[CHECK_TRACING]);
	print_groups(stream, &doctor->diagnosis, verbose);
	print_splits(stream, &doctor->diagnosis);
	print_devices(stream, doctor);
	print_taps(stream, &doctor->taps);
	print_findings(stream, check_titles[CHECK_LIMITS], &doctor->findings[CHECK_LIMITS]);
	print_findings(stream, check_titles[CHECK_COUNTERS], &doctor->findings[CHECK_COUNTERS]);
	print_verdict(stream, doctor);
	print_actions(stream, doctor);
	return ferror(stream) ? -EIO : 0;
}
