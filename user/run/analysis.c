// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/owned.h"
#include "host/privilege.h"
#include "run/analysis.h"
#include "run/session.h"

/* Debian's Python has Debian's packages; another Python in PATH may not. */
#define PYTHON "/usr/bin/python3"

/* The file that this program was started from; 0 or a negative errno. */
static int this_program(char *path, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", path, size);

	if (length < 0)
		return -errno;
	if ((size_t)length >= size)
		return -ENAMETOOLONG;
	path[length] = '\0';
	return 0;
}

/* The path from the program's directory to analysis/: in a checkout, and after `make install`. */
static const char *const places[] = {"", "../share/harness/"};

/* A readable analysis/NAME.py; 0 or a negative errno. */
static int find_script(char *path, size_t size, const char *program, const char *name)
{
	const char *slash = strrchr(program, '/');
	int directory = slash ? slash + 1 - program : 0, length;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		length = snprintf(path, size, "%.*s%sanalysis/%s.py", directory, program, places[i],
				  name);
		if (length < 0 || (size_t)length >= size)
			return -ENAMETOOLONG;
		if (!access(path, R_OK))
			return 0;
	}
	return -errno;
}

static int cannot(const char *command, const char *object, int err, const char *remedy)
{
	fprintf(stderr, "harness %s: %s: %s%s\n", command, object, strerror(-err), remedy);
	return EXIT_CANNOT;
}

/* Runs the module argv[2] of the folder argv[1], which -I keeps Python from finding by itself. */
static const char start[] =
	"import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
	"runpy.run_module(sys.argv.pop(1), run_name='__main__')";

/*
 * Puts `python3 -IB`, what to start and its folder before the arguments. Python then loads nothing
 * from the environment, the working folder or the user's own packages, and leaves no files beside
 * the scripts.
 */
static int analysis__exec(const char *name, int argc, char **argv)
{
	char script[PATH_MAX], program[PATH_MAX], file[64];
	sigset_t interrupt;
	char **args;
	int err;

	snprintf(file, sizeof(file), "analysis/%s.py", name);
	err = this_program(program, sizeof(program));
	if (!err)
		err = find_script(script, sizeof(script), program, name);
	if (err)
		return cannot(name, file, err,
			      "; want it beside the program, or in ../share/harness from there");
	if (access(PYTHON, X_OK))
		return cannot(name, PYTHON, -errno, "; to install: sudo apt-get install python3");
	/* The script starts this harness again. */
	setenv("HARNESS", program, 1);
	args = calloc(argc + 6, sizeof(*args));
	if (!args)
		return cannot(name, PYTHON, -ENOMEM, "");
	args[0] = PYTHON;
	args[1] = "-IB";
	args[2] = "-c";
	args[3] = (char *)start;
	args[4] = dirname(script);
	args[5] = (char *)name;
	memcpy(&args[6], &argv[1], (argc - 1) * sizeof(*args));
	/* until the script decides what it does, or Python would print where it was (arguments.py)
	 */
	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	sigprocmask(SIG_BLOCK, &interrupt, NULL);
	execv(PYTHON, args);
	err = -errno;
	free(args);
	return cannot(name, PYTHON, err, "");
}

int analysis__verify(int argc, char **argv)
{
	return analysis__exec("verify", argc, argv);
}

/* It starts nothing that needs privileges, and reads files that may be of any user. */
int analysis__report(int argc, char **argv)
{
	uid_t user;
	gid_t group;

	if (owned__caller(&user, &group))
		privilege__drop(0);
	return analysis__exec("report", argc, argv);
}
