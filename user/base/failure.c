// SPDX-License-Identifier: GPL-2.0
#include "base/failure.h"

#include <stdarg.h>
#include <stdio.h>

int failure__set(struct failure *failure, int err, const char *format, ...)
{
	va_list args;

	if (failure->err)
		return err;
	failure->err = err;
	va_start(args, format);
	vsnprintf(failure->text, sizeof(failure->text), format, args);
	va_end(args);
	return err;
}
