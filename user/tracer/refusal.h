/* SPDX-License-Identifier: GPL-2.0 */
/* Why a probe is not attached: a code, and a sentence for each code. */
#ifndef HARNESS_REFUSAL_H
#define HARNESS_REFUSAL_H

#include <stddef.h>

enum refusal_code {
	REFUSAL_NONE,
	REFUSAL_LEFT_OUT,	/* the user named it in --without */
	REFUSAL_NO_TRACEPOINT,	/* this kernel has none of that name */
	REFUSAL_NO_FUNCTION,	/* its BTF has none of that name */
	REFUSAL_NO_KPROBES,	/* CONFIG_KPROBES */
	REFUSAL_NO_OWN_RETURNS, /* kretprobe.multi may run out of instances */
	REFUSAL_NOT_OWN_BTF,	/* fentry and fexit do not work with BTF from a file */
	REFUSAL_BY_KERNEL,	/* `error`; detail: the kind of hook, "fentry/fexit" */
	REFUSAL_SPLIT,		/* detail: what the compiler made of the function */
	REFUSAL_LOAD,		/* at load; detail: the words of libbpf and the verifier */
	REFUSAL_ATTACH,		/* at attach; `error`, and `detail` as above */
	REFUSAL_HIDDEN_SYMBOLS, /* kernel.kptr_restrict */
	REFUSAL_NO_SYSLOG,	/* kallsyms is hidden without CAP_SYSLOG */
	REFUSAL_NO_SYMBOL,	/* detail: the function that kallsyms lacks */
	REFUSAL_COUNT
};

struct refusal {
	enum refusal_code code;
	int error; /* negative errno */
	char detail[192];
};

/* "no_kprobes"; NULL for none. Static. */
const char *refusal__code(const struct refusal *refusal);
/* "EPERM"; NULL without an error. Static. */
const char *refusal__errno(const struct refusal *refusal);
/* One sentence without a full stop; "" for no refusal. */
void refusal__describe(const struct refusal *refusal, char *text, size_t size);

#endif
