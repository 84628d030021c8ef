// SPDX-License-Identifier: GPL-2.0
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
