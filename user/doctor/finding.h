/* SPDX-License-Identifier: GPL-2.0 */
/* One thing the doctor looked at: what it is, what that means, and what would change it. */
#ifndef HARNESS_FINDING_H
#define HARNESS_FINDING_H

#include <jansson.h>
#include <stddef.h>

enum mark {
	MARK_OK,
	MARK_NOTE,    /* works, and is worth knowing */
	MARK_MISSING, /* something needed for an exact ledger is not there */
	MARK_UNKNOWN, /* could not be seen */
	MARK_COUNT
};

/* "ok", "note", "missing", "unknown"; never NULL. */
const char *mark__name(enum mark mark);

#define FINDING_TEXT 512

struct finding {
	const char *key; /* in JSON, and what a person reads */
	enum mark mark;
	json_t *json;		   /* the value as data; owned; null when it is not known */
	char value[FINDING_TEXT];  /* the same in words, or why it is not known */
	char means[FINDING_TEXT];  /* empty: nothing beyond the value */
	char change[FINDING_TEXT]; /* a command or deed that would change it; empty: none */
};

#define FINDINGS_MAX 32

struct findings {
	struct finding finding[FINDINGS_MAX];
	size_t count;
};

/* The next one, empty and ok. There is always room: the tables that fill it are constant. */
struct finding *findings__add(struct findings *findings, const char *key);
void findings__free(struct findings *findings);

void finding__value(struct finding *finding, json_t *json, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void finding__unknown(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void finding__means(struct finding *finding, enum mark mark, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void finding__change(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
