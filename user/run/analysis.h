/* SPDX-License-Identifier: GPL-2.0 */
/* The commands that are Python: they judge and show what runs left behind. */
#ifndef HARNESS_ANALYSIS_H
#define HARNESS_ANALYSIS_H

/* As commands (command.h). They replace this process and return only to say why they cannot. */
int analysis__verify(int argc, char **argv);
int analysis__report(int argc, char **argv);

#endif
