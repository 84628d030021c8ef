// SPDX-License-Identifier: GPL-2.0
#include "ledger/copy_times.h"

enum evidence time__evidence(enum site site)
{
	/* the time of these includes the rest of tcp_sendmsg_locked, or of skb_segment */
	return site == SITE_SEND_COPY || site == SITE_TRANSMIT_COPY ? EVIDENCE_UPPER_BOUND
								    : EVIDENCE_EXACT;
}

bool site__is_copy(enum site site)
{
	return sites[site].cpu_copy || site == SITE_TAP_COPY;
}

/* Copies that were not timed make the time unknown, not 0. */
void ledger__take_times(struct ledger *ledger, const struct counted *counted)
{
	ledger->copying_ns = (struct maybe){};
	for (int site = 0; site < SITE_COUNT; site++) {
		const struct times *times = counted->times[sites[site].side];
		struct copy_time *time = &ledger->time[site];

		*time = (struct copy_time){};
		if (!times || !counted->known->timed[site])
			continue;
		time->bytes = times->site[site].bytes;
		time->ns.known = time->bytes || !ledger->site[site].bytes;
		if (!time->ns.known)
			continue;
		time->ns.value = times->site[site].ns;
		ledger->copying_ns.known = true;
		ledger->copying_ns.value += time->ns.value;
	}
}

/* A value per site, and the timed share. */
static void note_time(struct ledger *ledger, const struct counted *counted)
{
	int64_t whole = counted->seconds * 1e9;
	uint64_t copied = 0, timed = 0;
	struct value values[VALUES_MAX + 1];
	size_t count = 4;

	if (!whole || !ledger->copying_ns.known || !ledger->copying_ns.value)
		return;
	for (int site = 0; site < SITE_COUNT; site++) {
		const struct copy_time *time = &ledger->time[site];
		uint64_t bytes = ledger__bytes(ledger, site);

		if (!site__is_copy(site))
			continue;
		copied += bytes;
		timed += !time->ns.known ? 0 : time->bytes < bytes ? time->bytes : bytes;
		if (time->ns.known && time->ns.value && count < VALUES_MAX)
			values[count++] = (struct value)WHOLE(sites[site].name, time->ns.value);
	}
	values[0] = (struct value)WHOLE("ns", ledger->copying_ns.value);
	values[1] = (struct value)WHOLE("of_ns", whole);
	values[2] = (struct value)WHOLE("timed_bytes", timed);
	values[3] = (struct value)WHOLE("copied_bytes", copied);
	values[count] = (struct value){};
	ledger__note(ledger, REMARK_COPIES_TIMED, values);
}

static void note_untimed(struct ledger *ledger, const struct counted *counted)
{
	for (int site = 0; site < SITE_COUNT; site++) {
		uint64_t copied = ledger__bytes(ledger, site);
		uint64_t timed = ledger->time[site].bytes;

		/* a call's copies may be timed in one interval and counted in the next */
		if (counted->known->timed[site] && timed < copied - copied / 50)
			ledger__note(ledger, REMARK_COPIES_UNTIMED,
				     VALUES(WORD("site", sites[site].name),
					    WHOLE("timed_bytes", timed), WHOLE("bytes", copied)));
	}
}

void ledger__note_times(struct ledger *ledger, const struct counted *counted)
{
	if (!counted->known->time)
		return;
	note_time(ledger, counted);
	note_untimed(ledger, counted);
}

void ledger__note_times_unavailable(struct ledger *ledger, const struct known *known)
{
	for (int site = 0; site < SITE_COUNT && known->time; site++)
		if (site__is_copy(site) && site != SITE_USER_MEMCPY &&
		    ledger__bytes(ledger, site) && !known->timed[site])
			ledger__note(ledger, REMARK_TIME_UNAVAILABLE,
				     VALUES(WORD("site", sites[site].name)));
}
