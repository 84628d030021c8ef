// SPDX-License-Identifier: GPL-2.0
#include "output/json.h"

static json_t *part_json(const struct proof_part *part, const struct proof_site *of)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "site", sites[of->site].name, "by",
			 of->by, "counted_bytes", json__whole(part->known, part->counted),
			 "proved_bytes", json__whole(part->known, part->proved), "equal",
			 part->known ? json_boolean(part->counted == part->proved) : json_null(),
			 "why", part->known ? json_null() : json_string(part->why), "code",
			 part->known ? json_null() : json_string(part->code));
}

json_t *json__proofs(const struct results *results)
{
	json_t *array, *parts;

	if (!results->proof_count)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < results->proof_count; i++) {
		const struct proof *proof = &results->proofs[i];

		parts = json_array();
		for (int part = 0; part < PROOF_PARTS; part++)
			json_array_append_new(parts,
					      part_json(&proof->part[part], &proof_sites[part]));
		json_array_append_new(array, json_pack("{s:s, s:o}", "transport", proof->transport,
						       "sites", parts));
	}
	return array;
}
