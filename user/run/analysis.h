/* SPDX-License-Identifier: GPL-2.0 */
/* The commands that are written in Python: they judge and show the results of runs. */
#ifndef HARNESS_ANALYSIS_H
#define HARNESS_ANALYSIS_H

/* As commands (command.h). They replace this process and return only on failure. */
int analysis__verify(int argc, char **argv);
int analysis__report(int argc, char **argv);

#endif
