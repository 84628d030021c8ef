// SPDX-License-Identifier: GPL-2.0
#include "doctor/gaps.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "host/tasks.h"
#include "output/json.h"

#define GAPS_SECONDS 1

void diagnosis__look_for_gaps(struct diagnosis *diagnosis)
{
	tracer__arm(diagnosis->tracer);
	sleep(GAPS_SECONDS);
	tracer__disarm(diagnosis->tracer);
	diagnosis->gap_count = tracer__gaps(diagnosis->tracer, diagnosis->gaps);
}

void diagnosis__gaps(const struct diagnosis *diagnosis, struct finding *finding)
{
	json_t *array = json_array();
	char words[SENTENCE_MAX] = "", comm[32];
	unsigned long long times = 0;

	if (diagnosis->gap_count < 0) {
		json_decref(array);
		finding__unknown(finding, REMARK_NOT_TRACED, NO_VALUES);
		return;
	}
	for (int i = 0; i < diagnosis->gap_count; i++) {
		const struct gap *gap = &diagnosis->gaps[i];

		tasks__name(gap->thread, comm, sizeof(comm));
		if (gap->thread)
			text__append(words, sizeof(words), "%s%s (thread %d)", i ? ", " : "", comm,
				     (int)gap->thread);
		else
			text__append(words, sizeof(words), "%stasks outside this PID namespace",
				     i ? ", " : "");
		times += gap->times;
		json_array_append_new(array, json_pack("{s:o, s:s?, s:I}", "thread",
						       json__whole(gap->thread, gap->thread),
						       "comm", gap->thread ? comm : NULL, "times",
						       (json_int_t)gap->times));
	}
	if (!diagnosis->gap_count) {
		finding__value(finding, array, REMARK_BPF_RUNS,
			       VALUES(WHOLE("seconds", GAPS_SECONDS)));
		return;
	}
	finding__value(finding, array,
		       diagnosis->gap_count < GAPS_MAX ? REMARK_BPF_KEPT_AWAY
						       : REMARK_BPF_KEPT_AWAY_FROM_MORE,
		       VALUES(WORD("tasks", words), WHOLE("switches", (int64_t)times),
			      WHOLE("seconds", GAPS_SECONDS)));
	finding__means(finding, MARK_NOTE, REMARK_SOFTIRQS_UNSEEN, NO_VALUES);
}
