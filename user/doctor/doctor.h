/* SPDX-License-Identifier: GPL-2.0 */
/* `harness doctor`: what this kernel, this user and these interfaces allow, and why not more. */
#ifndef HARNESS_DOCTOR_H
#define HARNESS_DOCTOR_H

#include <jansson.h>
#include <stdio.h>

#include "doctor/checks.h"
#include "net/offload.h"
#include "doctor/diagnosis.h"
#include "net/taps.h"
#include "net/xdp.h"

#define DEVICES_MAX 64

struct seen_device {
	struct interface interface;
	enum xdp_mode xdp;
	const char *side; /* the side of --path in whose namespace it is; NULL: the doctor's own */
};

struct doctor {
	struct findings findings[CHECK_SECTIONS];
	struct diagnosis diagnosis;
	struct seen_device devices[DEVICES_MAX];
	size_t device_count, devices_left_out; /* devices beyond DEVICES_MAX are left out */
	int device_error;		       /* of listing or making them; negative errno */
	struct taps taps;
};

/* EXIT_VALID, EXIT_INVALID or EXIT_CANNOT (exit_status.h). */
int doctor__status(const struct doctor *doctor);

/* The meaning of that status, as a code. The caller frees it. */
struct remarks doctor__verdict(const struct doctor *doctor);

/* 0 or -EIO. `verbose`: also the attach methods that are not used. */
int doctor__print(FILE *stream, const struct doctor *doctor, bool verbose);
/* schema "harness.doctor/1"; new; takes over `environment` */
json_t *doctor__json(const struct doctor *doctor, json_t *environment);

/* "send_copy, send_pin", or the name of a group without sites */
void group_report__names(const struct group_report *report, char *text, size_t size);
/* The command; argv[0] is "doctor". Returns the exit status. */
int doctor__command(int argc, char **argv);

#endif
