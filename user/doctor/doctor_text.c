// SPDX-License-Identifier: GPL-2.0
/* The page of the doctor. */
#include <errno.h>
#include <string.h>

#include "doctor/doctor.h"
#include "base/version.h"
#include "output/screen.h"
#include "base/exit_status.h"
#include "base/text.h"

#define WIDTH  80 /* on any screen, so that two reports can be compared */
#define MARK   9  /* where words start, after the mark */
#define VALUE  43 /* where values of the checks start */
#define DETAIL 11

/* Words from column `at` on, further lines indented to `indent`. Ends the line. */
static void wrap(FILE *stream, int at, int indent, const char *text)
{
	static const struct screen page = {.width = WIDTH};

	screen__wrap(stream, &page, at, indent, text);
}

/* A paragraph below a row: "what it is: text". */
static void detail(FILE *stream, int indent, const char *lead, const char *text)
{
	char line[2 * FINDING_TEXT];

	if (!*text)
		return;
	snprintf(line, sizeof(line), "%s%s", lead, text);
	fprintf(stream, "%*s", indent, "");
	wrap(stream, indent, indent + 2, line);
}

static void title(FILE *stream, const char *words)
{
	fprintf(stream, "\n%s\n", words);
}

static void print_findings(FILE *stream, const char *words, const struct findings *findings)
{
	title(stream, words);
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->finding[i];
		int at = fprintf(stream, "%-*s%-*s ", MARK, mark__name(finding->mark),
				 VALUE - MARK - 1, finding->key);

		wrap(stream, at, VALUE, finding->value);
		detail(stream, DETAIL, "", finding->means);
		detail(stream, DETAIL, "to change it: ", finding->change);
	}
}

/* "tcp_sendmsg_locked, sock_send_length": each once, of several that stand in for each other the
 * one that is there. */
static void method__functions(const struct hook_method *method, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < method->count; i++) {
		const struct probe_status *status = method->parts[i].status;
		bool named = status->state == PROBE_REFUSED;

		for (size_t before = 0; before < i; before++)
			named = named ||
				!strcmp(method->parts[before].status->function, status->function);
		if (!named)
			text__append(text, size, "%s%s", *text ? ", " : "", status->function);
	}
}

static bool traces_system_calls(const struct hook_method *method)
{
	for (size_t i = 0; i < method->count; i++)
		if (!strncmp(method->parts[i].status->function, "sys_", strlen("sys_")))
			return true;
	return false;
}

static void print_method(FILE *stream, const struct method_report *report)
{
	static const char *const leads[] = {
		[VERDICT_WORKS] = " has its hooks: ",
		[VERDICT_CLOSED] = " is closed: ",
		[VERDICT_UNKNOWN] = ": ",
	};
	char lead[80], functions[FINDING_TEXT];

	method__functions(&report->method, functions, sizeof(functions));
	if (report->chosen)
		snprintf(lead, sizeof(lead), "by %s: ", report->name);
	else
		snprintf(lead, sizeof(lead), "%s%s", report->name, leads[report->verdict]);
	detail(stream, DETAIL, lead, report->verdict == VERDICT_WORKS ? functions : report->why);
	if (report->chosen && traces_system_calls(&report->method))
		detail(stream, DETAIL, "",
		       "this slows every system call of the machine; from Linux 6.16 on "
		       "tracepoints need none");
}

/* "send_copy (derived), send_pin (exact)" */
static void count__describe(const struct count_report *report, char *text, size_t size)
{
	snprintf(text, size, "%s", report->beside ?: "");
	for (int site = 0; site < SITE_COUNT; site++) {
		if (!(report->sites & 1u << site))
			continue;
		text__append(text, size, "%s%s", *text ? ", " : "", sites[site].name);
		if (report->evidence[site] != EVIDENCE_UNAVAILABLE)
			text__append(text, size, " (%s)", evidence__name(report->evidence[site]));
	}
}

static void print_counts(FILE *stream, const struct diagnosis *diagnosis)
{
	char names[FINDING_TEXT];

	title(stream, "Sites: by what each is counted, and which methods are closed");
	for (size_t i = 0; i < diagnosis->count; i++) {
		const struct count_report *report = &diagnosis->counts[i];
		int at = fprintf(stream, "%-*s", MARK, mark__name(report->mark));

		count__describe(report, names, sizeof(names));
		if (report->extra)
			text__append(names, sizeof(names), ", only when asked for");
		wrap(stream, at, MARK, names);
		detail(stream, DETAIL, "", report->why);
		for (size_t method = 0; method < report->method_count; method++)
			print_method(stream, &report->methods[method]);
	}
}

static void print_splits(FILE *stream, const struct diagnosis *diagnosis)
{
	char words[FINDING_TEXT];
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
	char line[FINDING_TEXT] = "", means[FINDING_TEXT], change[FINDING_TEXT];
	const char *delivers = interface__delivers(interface);
	const char *xdp = xdp__copies(seen->xdp, interface->driver) ? xdp__name(seen->xdp) : NULL;
	enum mark mark = delivers || xdp ? MARK_NOTE : MARK_OK;

	for (int i = 0; i < OFFLOAD_COUNT; i++) {
		const struct offload_state *state = &interface->offload[i];

		interface__effect(interface, i, means, sizeof(means), change, sizeof(change));
		if (*means)
			mark = MARK_NOTE;
		text__append(line, sizeof(line), "  %s %s%s", offloads[i].title,
			     !state->known ? "unknown"
			     : state->on   ? "on"
					   : "off",
			     state->known && state->fixed ? "*" : "");
	}
	if (interface->error)
		mark = MARK_UNKNOWN;
	fprintf(stream, "%-*s%s%s%s", MARK, mark__name(mark), interface->name,
		seen->side ? " of the " : "", seen->side ?: "");
	fprintf(stream, interface->mtu < 0 ? " mtu unknown" : " mtu %d", interface->mtu);
	fprintf(stream, "%s%s%s\n", interface->driver[0] ? " driver " : "", interface->driver,
		line);
	if (interface->error)
		detail(stream, DETAIL,
		       "offloads cannot be asked for: ", strerror(-interface->error));
	detail(stream, DETAIL, "", delivers ?: "");
	if (xdp) {
		snprintf(line, sizeof(line),
			 "has a %s XDP program: what comes by it is copied for that, and no probe "
			 "counts it, so copies per byte is unknown",
			 xdp);
		detail(stream, DETAIL, "", line);
	}
	for (int i = 0; i < OFFLOAD_COUNT; i++) {
		interface__effect(interface, i, means, sizeof(means), change, sizeof(change));
		detail(stream, DETAIL, "", means);
		detail(stream, DETAIL, "to change it: ",
		       *means && !*change ? "nothing; this interface cannot do it" : change);
	}
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

static void print_tap(FILE *stream, const struct taps *taps, const struct tap *tap)
{
	enum mark mark = tap__sees_sends(tap) ? MARK_NOTE : MARK_OK;
	char owners[FINDING_TEXT], line[2 * FINDING_TEXT];
	int at;

	tap__owners(taps, tap, owners, sizeof(owners));
	snprintf(line, sizeof(line), "%s%s, protocol 0x%04x: %s", tap->index ? "on " : "on every ",
		 tap->index ? tap->device[0] ? tap->device : "an interface that is gone"
			    : "interface",
		 tap->protocol, owners);
	at = fprintf(stream, "%-*s", MARK, mark__name(mark));
	wrap(stream, at, MARK, line);
	detail(stream, DETAIL, "", tap__cost(tap));
	for (size_t i = 0; i < tap->owner_count && mark == MARK_NOTE; i++)
		fprintf(stream, "%*sto change it: kill %d\n", DETAIL, "", tap->owner[i].pid);
}

static void print_taps(FILE *stream, const struct taps *taps)
{
	title(stream, "Packet taps (of this network namespace)");
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
	char missing[FINDING_TEXT] = "", names[FINDING_TEXT], line[2 * FINDING_TEXT];
	const struct diagnosis *diagnosis = &doctor->diagnosis;

	for (size_t i = 0; i < diagnosis->count; i++) {
		if (!diagnosis->counts[i].needed || diagnosis->counts[i].mark == MARK_OK)
			continue;
		count__names(&diagnosis->counts[i], names, sizeof(names));
		text__append(missing, sizeof(missing), "%s%s", *missing ? ", " : "", names);
	}
	fputc('\n', stream);
	switch (doctor__status(doctor)) {
	case EXIT_VALID:
		snprintf(line, sizeof(line), "Everything an exact ledger needs is there.");
		break;
	case EXIT_CANNOT:
		snprintf(line, sizeof(line),
			 "Nothing can be traced: %s. `harness --trace none` works.",
			 strerror(-diagnosis->error));
		break;
	default:
		snprintf(line, sizeof(line), "A ledger would lack: %s.", missing);
	}
	wrap(stream, 0, 0, line);
}

int doctor__print(FILE *stream, const struct doctor *doctor)
{
	fprintf(stream, "harness %s\n", version__text());
	print_findings(stream, check_titles[CHECK_TRACING], &doctor->findings[CHECK_TRACING]);
	print_counts(stream, &doctor->diagnosis);
	print_splits(stream, &doctor->diagnosis);
	print_devices(stream, doctor);
	print_taps(stream, &doctor->taps);
	print_findings(stream, check_titles[CHECK_LIMITS], &doctor->findings[CHECK_LIMITS]);
	print_findings(stream, check_titles[CHECK_COUNTERS], &doctor->findings[CHECK_COUNTERS]);
	print_verdict(stream, doctor);
	return ferror(stream) ? -EIO : 0;
}
