/* SPDX-License-Identifier: GPL-2.0 */
/* A finding of the doctor: a value, what follows from it, and what would change it. */
#ifndef HARNESS_FINDING_H
#define HARNESS_FINDING_H

#include <jansson.h>
#include <stddef.h>

#include "ledger/words.h"

enum mark {
	MARK_OK,
	MARK_NOTE,    /* works, and is worth knowing */
	MARK_MISSING, /* something is missing that an exact ledger needs */
	MARK_UNKNOWN, /* could not be read or tried */
	MARK_COUNT
};

/* "ok", "note", "missing", "unknown"; never NULL. */
const char *mark__name(enum mark mark);

struct finding {
	const char *key; /* the name in JSON and in the text */
	enum mark mark;
	json_t *json;	       /* the value as data; owned; NULL when it is not known */
	struct remarks value;  /* the value as a code, or the reason why it is unknown */
	struct remarks means;  /* what follows from it */
	struct remarks change; /* the action that would change it, or none */
};

#define FINDINGS_MAX 32

struct findings {
	struct finding finding[FINDINGS_MAX];
	size_t count;
};

/*
 * The next finding, empty and ok. There is always room, because the tables that fill it are
 * constant.
 */
struct finding *findings__add(struct findings *findings, const char *key);
void findings__free(struct findings *findings);
void finding__free(struct finding *finding);

/* Takes over `json`. */
void finding__value(struct finding *finding, json_t *json, enum remark_code code,
		    const struct value *values);
void finding__unknown(struct finding *finding, enum remark_code code, const struct value *values);
void finding__means(struct finding *finding, enum mark mark, enum remark_code code,
		    const struct value *values);
void finding__change(struct finding *finding, enum remark_code code, const struct value *values);

#endif
