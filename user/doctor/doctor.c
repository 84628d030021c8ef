// SPDX-License-Identifier: GPL-2.0
#include "doctor/doctor.h"
#include "doctor/site_list.h"
#include "doctor/gaps.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/environment.h"
#include "output/json.h"
#include "base/exit_status.h"
#include "base/text.h"

/* A socket made in a namespace reads the interfaces of that namespace. */
static int socket_in(int namespace_fd)
{
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), fd, err;

	if (home < 0)
		return -errno;
	err = setns(namespace_fd, CLONE_NEWNET) ? -errno : 0;
	fd = err ?: socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (!err && fd < 0)
		fd = -errno;
	if (!err && setns(home, CLONE_NEWNET))
		fd = -errno; /* this thread is still in the other namespace: later answers would be
				of that one */
	close(home);
	return fd;
}

static int doctor__add_device(struct doctor *doctor, int fd, const char *name, const char *side,
			      enum xdp_mode xdp)
{
	struct seen_device *seen = &doctor->devices[doctor->device_count];
	int err;

	if (doctor->device_count == DEVICES_MAX) {
		doctor->devices_left_out++;
		return 0;
	}
	err = interface__read(fd, name, &seen->interface);
	seen->side = side;
	seen->xdp = xdp;
	if (!err)
		doctor->device_count++;
	return err;
}

/* Adds an interface that the user named. */
static int doctor__add_named(struct doctor *doctor, int fd, const char *name)
{
	int err = doctor__add_device(doctor, fd, name, NULL, xdp__mode(name));

	if (err)
		fprintf(stderr, "harness: interface %s: %s; `ip link` lists those here\n", name,
			strerror(-err));
	return err;
}

static bool is_up(int fd, const char *name)
{
	struct ifreq request = {};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return !ioctl(fd, SIOCGIFFLAGS, &request) && request.ifr_flags & IFF_UP;
}

static int doctor__add_all_up(struct doctor *doctor, int fd)
{
	struct if_nameindex *list = if_nameindex();

	if (!list)
		return -errno;
	for (struct if_nameindex *at = list; at->if_index; at++)
		if (is_up(fd, at->if_name)) /* else it may have gone since the list was made */
			doctor__add_device(doctor, fd, at->if_name, NULL, xdp__mode(at->if_name));
	if_freenameindex(list);
	return 0;
}

/* Looks into the namespaces of a path. A veth pair exists only during a run, so this makes one. */
static int doctor__add_namespaces(struct doctor *doctor, const struct path_spec *spec)
{
	struct path path;
	int err = path__open(spec, &path);

	if (err)
		return err;
	for (int side = 0; side < SIDE_COUNT && !err; side++) {
		int fd = socket_in(path.namespace_fd[side]);

		err = fd < 0 ? fd
			     : doctor__add_device(doctor, fd, path.device[side], side_names[side],
						  path__xdp(&path, side));
		if (fd >= 0)
			close(fd);
	}
	path__close(&path);
	return err;
}

/* 0, or -ENODEV when the named interface does not exist. */
static int doctor__look_at_devices(struct doctor *doctor, const struct doctor_options *options)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;
	const struct path_spec *path = &options->path;

	if (fd < 0) {
		doctor->device_error = -errno;
		return 0;
	}
	if (options->device)
		err = doctor__add_named(doctor, fd, options->device);
	else if (!options->path_given)
		doctor->device_error = doctor__add_all_up(doctor, fd);
	else if (path->kind == PATH_LO)
		err = doctor__add_named(doctor, fd, "lo");
	else if (path->kind == PATH_VETH || path->kind == PATH_NETNS)
		doctor->device_error = doctor__add_namespaces(doctor, path);
	for (int side = 0;
	     side < SIDE_COUNT && options->path_given && path->kind == PATH_NIC && !err; side++)
		err = doctor__add_named(doctor, fd, path->word[side]);
	close(fd);
	return err;
}

/* 0, or -ENODEV with one line on stderr when there is no such interface. */
static int look(struct doctor *doctor, const struct doctor_options *options)
{
	int err;

	*doctor = (struct doctor){};
	err = doctor__look_at_devices(doctor, options);
	if (err)
		return err;
	for (int section = 0; section < CHECK_SECTIONS; section++)
		checks__run(section, options->common.btf_path, &doctor->findings[section]);
	diagnosis__make(&doctor->diagnosis, options);
	diagnosis__gaps(&doctor->diagnosis,
			findings__add(&doctor->findings[CHECK_TRACING], "bpf_runs"));
	taps__read_all(&doctor->taps);
	return 0;
}

static void release(struct doctor *doctor)
{
	for (int section = 0; section < CHECK_SECTIONS; section++)
		findings__free(&doctor->findings[section]);
	diagnosis__free(&doctor->diagnosis);
	taps__free(&doctor->taps);
}

int doctor__status(const struct doctor *doctor)
{
	const struct diagnosis *diagnosis = &doctor->diagnosis;
	bool traced = false, missing = false;

	for (size_t i = 0; i < diagnosis->group_count; i++) {
		const struct group_report *report = &diagnosis->groups[i];

		for (size_t method = 0; method < report->method_count; method++)
			traced = traced || report->methods[method].chosen;
		missing = missing || (report->needed && report->mark != MARK_OK);
	}
	if (!diagnosis->tracer || !traced)
		return EXIT_CANNOT;
	return missing ? EXIT_INVALID : EXIT_VALID;
}

struct remarks doctor__verdict(const struct doctor *doctor)
{
	const struct diagnosis *diagnosis = &doctor->diagnosis;
	char missing[SENTENCE_MAX] = "", names[SENTENCE_MAX];
	int status = doctor__status(doctor);
	struct remarks verdict = {};

	for (size_t i = 0; i < diagnosis->group_count; i++) {
		if (!diagnosis->groups[i].needed || diagnosis->groups[i].mark == MARK_OK)
			continue;
		group_report__names(&diagnosis->groups[i], names, sizeof(names));
		text__append(missing, sizeof(missing), "%s%s", *missing ? ", " : "", names);
	}
	if (status == EXIT_VALID)
		remarks__add(&verdict, REMARK_LEDGER_COMPLETE, NO_VALUES);
	else if (status == EXIT_CANNOT)
		remarks__add(&verdict, REMARK_LEDGER_IMPOSSIBLE,
			     VALUES(WORD("why", strerror(-diagnosis->error))));
	else
		remarks__add(&verdict, REMARK_LEDGER_INCOMPLETE, VALUES(WORD("sites", missing)));
	return verdict;
}

void group_report__names(const struct group_report *report, char *text, size_t size)
{
	snprintf(text, size, "%s", report->name ?: "");
	for (int site = 0; site < SITE_COUNT; site++)
		if (report->sites & 1u << site)
			text__append(text, size, "%s%s", *text ? ", " : "", sites[site].name);
}

int doctor__command(int argc, char **argv)
{
	struct doctor_options options;
	struct doctor doctor;
	json_t *document;
	int status, err;

	err = doctor_options__parse(argc, argv, &options);
	if (err)
		return err < 0 ? EXIT_USAGE : EXIT_VALID;
	if (options.sites)
		return site_list__print(stdout, options.common.json) || fflush(stdout)
			       ? EXIT_INVALID
			       : EXIT_VALID;
	if (look(&doctor, &options))
		return EXIT_USAGE;
	if (options.common.json) {
		document = doctor__json(&doctor, environment__json());
		err = json__print(stdout, document);
		json_decref(document);
	} else {
		err = doctor__print(stdout, &doctor, options.common.verbose);
	}
	if (fflush(stdout))
		err = -EIO;
	if (err)
		fprintf(stderr, "harness: cannot write the results to standard output\n");
	status = err ? EXIT_INVALID : doctor__status(&doctor);
	release(&doctor);
	return status;
}
