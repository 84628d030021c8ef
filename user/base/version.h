/* SPDX-License-Identifier: GPL-2.0 */
/* The version of the harness. */
#ifndef HARNESS_BASE_VERSION_H
#define HARNESS_BASE_VERSION_H

/* What git or the package calls it; never NULL. */
const char *version__text(void);

#endif
