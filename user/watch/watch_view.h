/* SPDX-License-Identifier: GPL-2.0 */
/* The live view: rates on a terminal's alternate screen, with keys. */
#ifndef HARNESS_WATCH_VIEW_H
#define HARNESS_WATCH_VIEW_H

#include "watch/watch.h"

struct watch_view;

/* Opens the view. NULL: the terminal has no alternate screen, or there is no memory. */
struct watch_view *watch_view__open(void);
/* Draws a report. 0 or -ENOMEM. */
int watch_view__show(struct watch_view *view, const struct report *report);
/* Handles the keys that were pressed. Returns whether the watch is to end. */
bool watch_view__keys(struct watch_view *view);
/* Restores the terminal. NULL is fine. */
void watch_view__close(struct watch_view *view);

#endif
