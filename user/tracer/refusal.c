// SPDX-License-Identifier: GPL-2.0
#include "tracer/refusal.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* The kernel's internal error number on a machine without BPF trampolines. */
#define ENOTSUPP 524

/* {detail} and {error} are replaced by those of a refusal. */
static const struct {
	const char *code, *sentence;
} refusals[] = {
	[REFUSAL_LEFT_OUT] = {"left_out", "left out by --without"},
	[REFUSAL_NO_TRACEPOINT] = {"no_tracepoint", "this kernel has no such tracepoint"},
	[REFUSAL_NO_FUNCTION] = {"no_function", "this kernel's BTF has no such function"},
	[REFUSAL_NO_KPROBES] = {"no_kprobes", "this kernel has no kprobes (CONFIG_KPROBES)"},
	[REFUSAL_NO_OWN_RETURNS] =
		{"no_own_returns",
		 "this kernel can lose returns of calls that sleep (before 6.14)"},
	[REFUSAL_NOT_OWN_BTF] = {"not_own_btf", "fentry/fexit need the kernel's own BTF"},
	[REFUSAL_BY_KERNEL] = {"refused_by_kernel", "{detail} is refused by this kernel: {error}"},
	[REFUSAL_SPLIT] = {"function_split", "{detail}"},
	[REFUSAL_LOAD] = {"load_failed", "{detail}"},
	[REFUSAL_ATTACH] = {"attach_failed", "attaching is refused by this kernel: {error}"},
	[REFUSAL_HIDDEN_SYMBOLS] = {"symbols_hidden",
				    "the kernel hides its symbols (kernel.kptr_restrict)"},
	[REFUSAL_NO_SYSLOG] = {"no_syslog", "the kernel hides its symbols: missing CAP_SYSLOG"},
	[REFUSAL_NO_SYMBOL] = {"no_symbol", "the kernel lists no {detail} in kallsyms"},
};

const char *refusal__code(const struct refusal *refusal)
{
	return refusals[refusal->code].code;
}

const char *refusal__errno(const struct refusal *refusal)
{
	if (!refusal->error)
		return NULL;
	return refusal->error == -ENOTSUPP ? "ENOTSUPP" : strerrorname_np(-refusal->error);
}

void refusal__describe(const struct refusal *refusal, char *text, size_t size)
{
	const char *from = refusals[refusal->code].sentence ?: "", *error;

	error = refusal->error == -ENOTSUPP ? "Operation not supported (ENOTSUPP)"
					    : strerror(-refusal->error);
	text[0] = '\0';
	while (*from) {
		int plain = strcspn(from, "{");

		text__append(text, size, "%.*s", plain, from);
		from += plain;
		if (*from)
			text__append(text, size, "%s",
				     !strncmp(from, "{error}", 7) ? error : refusal->detail);
		from += strcspn(from, "}");
		from += *from == '}';
	}
}
