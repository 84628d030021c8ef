// SPDX-License-Identifier: GPL-2.0
#include "ledger/copy_times.h"
#include "output/json.h"

json_t *json__site_table(void)
{
	json_t *array = json_array();

	for (int site = 0; site < SITE_COUNT; site++)
		json_array_append_new(
			array,
			json_pack("{s:s, s:s, s:b, s:b, s:s, s:s}", "site", sites[site].name,
				  "side", side_names[sites[site].side], "cpu_copy",
				  sites[site].cpu_copy, "in_residual", sites[site].part, "function",
				  sites[site].function, "meaning", sites[site].meaning));
	return array;
}

void json__add_times(json_t *sites_object, const struct ledger *ledger, double seconds)
{
	for (int site = 0; site < SITE_COUNT; site++) {
		json_t *json = json_object_get(sites_object, sites[site].name);
		const struct copy_time *time = &ledger->time[site];
		bool known = time->ns.known;

		json_object_set_new(json, "time_ns", json__whole(known, time->ns.value));
		json_object_set_new(json, "time_evidence",
				    json_string(evidence__name(known ? time__evidence(site)
								     : EVIDENCE_UNAVAILABLE)));
		json_object_set_new(json, "timed_bytes", json__whole(known, time->bytes));
		json_object_set_new(
			json, "cpu_percent",
			json__real(known && seconds > 0, time->ns.value / seconds / 1e7));
	}
}
