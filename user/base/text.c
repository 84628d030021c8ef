// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char *text__grouped(char text[static TEXT_NUMBER], uint64_t number)
{
	char digits[TEXT_NUMBER];
	int length = snprintf(digits, sizeof(digits), "%" PRIu64, number);
	char *to = text;

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return text;
}

const char *text__size(char text[static TEXT_NUMBER], uint64_t bytes)
{
	if (bytes && bytes % (1 << 20) == 0)
		snprintf(text, TEXT_NUMBER, "%" PRIu64 "M", bytes >> 20);
	else if (bytes && bytes % (1 << 10) == 0)
		snprintf(text, TEXT_NUMBER, "%" PRIu64 "K", bytes >> 10);
	else
		snprintf(text, TEXT_NUMBER, "%" PRIu64, bytes);
	return text;
}

const char *text__percent(char text[static TEXT_NUMBER], uint64_t part, uint64_t whole)
{
	double percent = whole ? 100.0 * (double)part / (double)whole : 0;

	/* never prints "100.0%" or "0.0%" for a part: these mean every byte and none */
	if (part && percent < 0.05)
		snprintf(text, TEXT_NUMBER, "<0.1%%");
	else if (part < whole && percent >= 99.95)
		snprintf(text, TEXT_NUMBER, ">99.9%%");
	else
		snprintf(text, TEXT_NUMBER, "%.1f%%", percent);
	return text;
}

void text__append(char *text, size_t size, const char *format, ...)
{
	size_t length = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + length, size - length, format, args);
	va_end(args);
}

const char *text__brief(char text[static TEXT_NUMBER], uint64_t number)
{
	static const char units[] = "kMGTPE";
	double scaled = number;
	int unit = -1;

	/* a number that would be rounded up to 1000 takes the next unit */
	while (scaled >= (unit < 0 ? 1000 : 999.5)) {
		scaled /= 1000;
		unit++;
	}
	if (unit < 0)
		snprintf(text, TEXT_NUMBER, "%.0f", scaled);
	else
		snprintf(text, TEXT_NUMBER, "%.*f%c",
			 scaled < 9.995	  ? 2
			 : scaled < 99.95 ? 1
					  : 0,
			 scaled, units[unit]);
	return text;
}

/* Bytes of the character at the start of a string; 0: it is no UTF-8. */
static int utf8__length(const unsigned char *text)
{
	/*
	 * limits of the second byte: they exclude overlong forms, surrogates and too large values
	 */
	unsigned char low = 0x80, high = 0xbf;
	int length = *text < 0x80   ? 1
		     : *text < 0xc2 ? 0
		     : *text < 0xe0 ? 2
		     : *text < 0xf0 ? 3
		     : *text < 0xf5 ? 4
				    : 0;

	if (*text == 0xe0 || *text == 0xf0)
		low = *text == 0xe0 ? 0xa0 : 0x90;
	if (*text == 0xed || *text == 0xf4)
		high = *text == 0xed ? 0x9f : 0x8f;
	if (length > 1 && (text[1] < low || text[1] > high))
		return 0;
	for (int i = 2; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

void text__clean(char *text)
{
	unsigned char *at = (unsigned char *)text;

	while (*at) {
		int length = utf8__length(at);
		bool control = *at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0);

		if (!length || control)
			memset(at, '?', length ?: 1);
		at += length ?: 1;
	}
}
