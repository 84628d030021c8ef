// SPDX-License-Identifier: GPL-2.0
/* Puts the values of a remark into its sentence. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ledger/words.h"

static enum site site__named(const char *name)
{
	int site = 0;

	while (site < SITE_COUNT && strcmp(sites[site].name, name))
		site++;
	return site;
}

/* Appends "by local delivery on lo"; with shares if there are several causes. */
static void append_causes(const struct ledger *ledger, const struct remark *remark, char *text,
			  size_t size)
{
	enum site site = site__named(remark__word(remark, "site"));
	uint64_t all = site < SITE_COUNT ? ledger__bytes(ledger, site) : 0, named = 0;
	char share[TEXT_NUMBER];

	for (size_t i = 0; i < ledger->causes.count; i++) {
		const struct cause *cause = &ledger->causes.cause[i];

		if (cause->site != site)
			continue;
		text__append(text, size, "%s%s%s%s", named ? ", " : "by ", cause->cause,
			     cause->device[0] ? " on " : "", cause->device);
		if (cause->bytes < all)
			text__append(text, size, " (%s)", text__percent(share, cause->bytes, all));
		named += cause->bytes;
	}
	if (named && named < all)
		text__append(text, size, ", unknown causes (%s)",
			     text__percent(share, all - named, all));
	if (!named)
		text__append(text, size, "cause unknown");
}

/* Appends " on eth0" if all bytes were copied there. */
static void append_device(const struct ledger *ledger, const struct remark *remark, char *text,
			  size_t size)
{
	enum site site = site__named(remark__word(remark, "site"));
	const char *device = "";

	for (size_t i = 0; i < ledger->causes.count; i++) {
		const struct cause *cause = &ledger->causes.cause[i];

		if (cause->site != site)
			continue;
		if (*device && strcmp(device, cause->device))
			return;
		device = cause->device;
	}
	if (*device)
		text__append(text, size, " on %s", device);
}

static void append_excess(const struct remark *remark, char *text, size_t size)
{
	uint64_t beside = remark__whole(remark, "beside_bytes");
	uint64_t excess = remark__whole(remark, "excess_bytes");
	uint64_t pinned = remark__whole(remark, "pinned_bytes");
	char number[TEXT_NUMBER], percent[TEXT_NUMBER];

	if (beside)
		text__append(text, size,
			     ", and with them %s bytes of the same packets that were not pinned",
			     text__grouped(number, beside));
	if (excess)
		text__append(
			text, size, ", and %s bytes more (%s): %s", text__grouped(number, excess),
			text__percent(percent, excess, pinned),
			remark__whole(remark, "retransmitted_bytes") ? "of retransmitted packets"
			: remark__value(remark, "beside_bytes")
				? "of packets that were copied twice"
				: "of packets that were copied twice, or hold plain bytes too");
}

static void append_times(const struct remark *remark, char *text, size_t size)
{
	uint64_t whole = remark__whole(remark, "of_ns");
	char percent[TEXT_NUMBER];
	const char *separator = "";

	for (size_t i = 0; i < remark->value_count; i++) {
		if (site__named(remark->value[i].name) == SITE_COUNT)
			continue;
		text__append(text, size, "%s%s %s", separator, remark->value[i].name,
			     text__percent(percent, remark->value[i].whole, whole));
		separator = ", ";
	}
}

static void append_value(const struct remark *remark, const char *name, char *text, size_t size)
{
	const struct value *value = remark__value(remark, name);
	char number[TEXT_NUMBER];

	if (!value)
		text__append(text, size, "?");
	else if (value->kind == VALUE_WORD)
		text__append(text, size, "%s", value->word);
	else if (value->kind == VALUE_REAL)
		text__append(text, size, "%.4g", value->real);
	else
		text__append(text, size, "%s%s", value->whole < 0 ? "-" : "",
			     text__grouped(number, value->whole < 0 ? -(uint64_t)value->whole
								    : (uint64_t)value->whole));
}

static void append_share(const struct remark *remark, const char *part, const char *whole,
			 char *text, size_t size)
{
	uint64_t some = remark__whole(remark, part), all = remark__whole(remark, whole);
	char percent[TEXT_NUMBER];

	if (!all || some > all)
		some = all = 1;
	text__append(text, size, "%s", text__percent(percent, some, all));
}

/* Appends "every pinned byte was" only if all were copied. */
static void append_extent(const struct remark *remark, char *text, size_t size)
{
	uint64_t copied = remark__whole(remark, "bytes");
	uint64_t pinned = remark__whole(remark, "pinned_bytes");
	char percent[TEXT_NUMBER], some[TEXT_NUMBER], all[TEXT_NUMBER];

	if (copied >= pinned)
		text__append(text, size, "every pinned byte was");
	else
		text__append(text, size, "%s of the pinned bytes (%s of %s) were",
			     text__percent(percent, copied, pinned), text__grouped(some, copied),
			     text__grouped(all, pinned));
}

/* Appends the words for codes and functions, which are separated by spaces. */
static void append_movers(const struct remark *remark, char *text, size_t size)
{
	char codes[256], *rest = codes, *by;

	snprintf(codes, sizeof(codes), "%s", remark__word(remark, "by"));
	while ((by = strsep(&rest, " ")))
		text__append(text, size, "%s%s%s", by == codes ? "" : "; ",
			     words__mover(by) ? "" : "the kernel's ", words__mover(by) ?: by);
}

/* Appends "br0: scatter-gather is off; wg0: ..." for "br0:scatter_gather_off wg0:encrypts". */
static void append_devices(const struct remark *remark, char *text, size_t size)
{
	char devices[256], *rest = devices, *device, *code;
	const char *separator = "";

	snprintf(devices, sizeof(devices), "%s", remark__word(remark, "devices"));
	while ((device = strsep(&rest, " "))) {
		code = strchr(device, ':');
		text__append(text, size, "%s%.*s%s%s", separator, code ? (int)(code - device) : 0,
			     device, code ? ": " : "", words__device(code ? code + 1 : device));
		separator = "; ";
	}
}

static void append_template(const struct ledger *ledger, const struct remark *remark,
			    const char *from, char *text, size_t size);

static void append_part(const struct ledger *ledger, const struct remark *remark, char *name,
			char *text, size_t size)
{
	char *whole = strchr(name, '%');
	const char *taps;

	if (whole) {
		*whole = '\0';
		append_share(remark, name, whole + 1, text, size);
	} else if (*name == '+') {
		text__append(text, size, "%s", remark__whole(remark, name + 1) == 1 ? "" : "s");
	} else if (*name == '=') {
		text__append(text, size, "%lld", (long long)remark__whole(remark, name + 1));
	} else if (!strcmp(name, "causes")) {
		append_causes(ledger, remark, text, size);
	} else if (!strcmp(name, "extent")) {
		append_extent(remark, text, size);
	} else if (!strcmp(name, "on")) {
		append_device(ledger, remark, text, size);
	} else if (!strcmp(name, "more")) {
		append_excess(remark, text, size);
	} else if (!strcmp(name, "times")) {
		append_times(remark, text, size);
	} else if (!strcmp(name, "remedy")) {
		text__append(text, size, "%s", words__remedy(remark__word(remark, "cause")));
	} else if (!strcmp(name, "movers")) {
		append_movers(remark, text, size);
	} else if (!strcmp(name, "devices")) {
		append_devices(remark, text, size);
	} else if (!strcmp(name, "uncounted")) {
		append_template(ledger, remark, words__uncounted(remark__word(remark, "why")), text,
				size);
	} else if (!strcmp(name, "instead")) {
		text__append(text, size, "%s", words__instead(remark__word(remark, "to")));
	} else if (!strcmp(name, "taps")) {
		taps = remark__word(remark, name);
		text__append(text, size, *taps ? " (%s)" : "%s", taps);
	} else {
		append_value(remark, name, text, size);
	}
}

static void append_template(const struct ledger *ledger, const struct remark *remark,
			    const char *from, char *text, size_t size)
{
	char name[64];

	while (*from) {
		size_t plain = strcspn(from, "{"), length;

		text__append(text, size, "%.*s", (int)plain, from);
		from += plain;
		if (!*from)
			break;
		length = strcspn(++from, "}");
		snprintf(name, sizeof(name), "%.*s", (int)length, from);
		append_part(ledger, remark, name, text, size);
		from += length + 1;
	}
}

void words__sentence(const struct ledger *ledger, const struct remark *remark, char *text,
		     size_t size)
{
	text[0] = '\0';
	append_template(ledger, remark, words__template(remark->code), text, size);
}

void words__sentences(const struct ledger *ledger, const struct remarks *remarks, char *text,
		      size_t size)
{
	char sentence[SENTENCE_MAX];

	text[0] = '\0';
	for (size_t i = 0; i < remarks->count; i++) {
		words__sentence(ledger, &remarks->remark[i], sentence, sizeof(sentence));
		text__append(text, size, "%s%s", i ? "; " : "", sentence);
	}
}
