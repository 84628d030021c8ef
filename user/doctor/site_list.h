/* SPDX-License-Identifier: GPL-2.0 */
/* `harness doctor --sites`: every site and what its bytes mean. */
#ifndef HARNESS_SITE_LIST_H
#define HARNESS_SITE_LIST_H

#include <stdbool.h>
#include <stdio.h>

/* 0 or a negative errno. */
int site_list__print(FILE *stream, bool json);

#endif
