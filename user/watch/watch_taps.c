// SPDX-License-Identifier: GPL-2.0
#include "watch/watch_taps.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

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

static void read_in(int home, int there, struct taps *taps)
{
	*taps = (struct taps){};
	if (there < 0 || home < 0 || setns(there, CLONE_NEWNET))
		return;
	taps__read(taps);
	/* cannot fail in our own namespace, and later readings depend on it */
	if (setns(home, CLONE_NEWNET))
		taps__free(taps);
}

void watch_taps__find(struct account *account)
{
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), there;
	bool known_device = false;
	struct taps taps;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/ns/net", account->row.process);
	there = account->row.process ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	/* it has ended, or all are watched: most likely our own namespace */
	read_in(home, there < 0 ? home : there, &taps);
	for (size_t i = 0; i < account->ledger.causes.count; i++) {
		if (account->ledger.causes.cause[i].site != SITE_TAP_COPY)
			continue;
		known_device = true;
		watch_taps__add(account, &taps, account->ledger.causes.cause[i].device);
	}
	if (!known_device)
		watch_taps__add(account, &taps, NULL);
	taps__free(&taps);
	if (there >= 0)
		close(there);
	if (home >= 0)
		close(home);
}
