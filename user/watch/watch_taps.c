// SPDX-License-Identifier: GPL-2.0
#include "watch/watch_taps.h"

#include <string.h>

#include "base/text.h"
#include "watch/watch_netns.h"

static bool sees(const struct tap *tap, const char *device)
{
	if (!tap__sees_sends(tap))
		return false;
	return !device || !*device || !*tap->device || !strcmp(tap->device, device);
}

void watch_taps__add(struct account *account, const struct taps *taps, const char *device)
{
	char *text = account->tappers, name[COMM_MAX + 32];

	for (size_t i = 0; i < taps->count; i++) {
		const struct tap *tap = &taps->tap[i];

		for (size_t k = 0; sees(tap, device) && k < tap->owner_count; k++) {
			snprintf(name, sizeof(name), "%s, pid %d", tap->owner[k].comm,
				 tap->owner[k].pid);
			if (!strstr(text, name))
				text__append(text, sizeof(account->tappers), "%s%s",
					     *text ? "; " : "", name);
		}
	}
}

static void read_taps(void *taps)
{
	taps__read(taps);
}

void watch_taps__find(struct account *account)
{
	bool known_device = false;
	struct taps taps = {};

	watch_netns__look(account->row.process, read_taps, &taps);
	for (size_t i = 0; i < account->ledger.causes.count; i++) {
		if (account->ledger.causes.cause[i].site != SITE_TAP_COPY)
			continue;
		known_device = true;
		watch_taps__add(account, &taps, account->ledger.causes.cause[i].device);
	}
	if (!known_device)
		watch_taps__add(account, &taps, NULL);
	taps__free(&taps);
}
