// SPDX-License-Identifier: GPL-2.0
#include "traffic/transport.h"

#include <string.h>

const struct transport *const transports[] = {
	&two_copy, &eight_sends, &one_copy, &zero_copy, NULL,
};

const struct transport *transport__find(const char *name)
{
	for (const struct transport *const *each = transports; *each; each++)
		if (!strcmp((*each)->name, name))
			return *each;
	return NULL;
}

__attribute__((noinline)) void harness_user_copy(void *to, const void *from, size_t bytes)
{
	memcpy(to, from, bytes);
}
