/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers as a person reads them, and text put together piece by piece. */
#ifndef HARNESS_TEXT_H
#define HARNESS_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define TEXT_NUMBER 32 /* room for any number below */

/* All return text. "1,234,567" */
const char *text__grouped(char text[static TEXT_NUMBER], uint64_t number);
/* "64K", "1M", "1000": as --size takes it. */
const char *text__size(char text[static TEXT_NUMBER], uint64_t bytes);
/* "0", "999", "1.2k", "605M", "12.3G": three digits and a decimal unit. */
const char *text__brief(char text[static TEXT_NUMBER], uint64_t number);
/* "12.5%"; never rounded to 100% or to 0%. */
const char *text__percent(char text[static TEXT_NUMBER], uint64_t part, uint64_t whole);

/* Appends to the string in text[size]; what does not fit is cut off. */
void text__append(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Cleans, in place, a name that another user chose: a '?' for each byte of a control character and
 * each byte that is not UTF-8.
 */
void text__clean(char *text);

#endif
