// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/offload.h"
#include "net/path_details.h"
#include "net/path.h"
#include "base/text.h"

#define CARRIER_WAIT_MS 10000
#define CARRIER_POLL_MS 10

static const char *const side_address[SIDE_COUNT] = {"10.1.1.1", "10.1.1.2"};

/* Takes one name up to `end`, shorter than `room`. */
static bool word__parse(const char *text, const char *end, size_t room, char *word)
{
	size_t length = end - text;

	if (length == 0 || length >= room || memchr(text, '/', length))
		return false;
	memcpy(word, text, length);
	word[length] = '\0';
	return true;
}

/* "A,B": two names of what `noun` says. */
static int path__parse_pair(const char *text, const char *list, const char *noun, size_t room,
			    struct path_spec *spec)
{
	const char *comma = strchr(list, ',');

	if (!comma || !word__parse(list, comma, room, spec->word[SENDER]) ||
	    strchr(comma + 1, ',') ||
	    !word__parse(comma + 1, strchr(comma, '\0'), room, spec->word[RECEIVER])) {
		fprintf(stderr, "harness: --path %s: want two %ss, such as %.*sa,b\n", text, noun,
			(int)(list - text), text);
		return -EINVAL;
	}
	if (!strcmp(spec->word[SENDER], spec->word[RECEIVER])) {
		fprintf(stderr, "harness: --path %s: want two different %ss\n", text, noun);
		return -EINVAL;
	}
	return 0;
}

/* The kind is what stands before the names: "nic:" of "nic:a,b". */
static int path__bad_kind(const char *text)
{
	struct choices kinds = {.count = 0};
	char kind[CHOICE_SIZE], hint[CHOICE_SIZE + 32];
	const char *colon = strchr(text, ':');

	snprintf(kind, sizeof(kind), "%.*s", (int)(colon ? colon + 1 - text : CHOICE_SIZE), text);
	path__choices("", &kinds);
	fprintf(stderr, "harness: --path %s: want lo, veth, nic:A,B or netns:A,B%s\n", text,
		choices__hint(&kinds, kind, hint, sizeof(hint)));
	return -EINVAL;
}

int path__parse(const char *text, struct path_spec *spec)
{
	int err = 0;

	memset(spec, 0, sizeof(*spec));
	if (!strcmp(text, "lo")) {
		spec->kind = PATH_LO;
	} else if (!strcmp(text, "veth")) {
		spec->kind = PATH_VETH;
		strcpy(spec->word[SENDER], "veth0");
		strcpy(spec->word[RECEIVER], "veth1");
	} else if (!strncmp(text, "nic:", 4)) {
		spec->kind = PATH_NIC;
		err = path__parse_pair(text, text + 4, "interface", IF_NAMESIZE, spec);
	} else if (!strncmp(text, "netns:", 6)) {
		spec->kind = PATH_NETNS;
		err = path__parse_pair(text, text + 6, "namespace", PATH_WORD, spec);
	} else {
		err = path__bad_kind(text);
	}
	if (!err)
		snprintf(spec->name, sizeof(spec->name), "%s", text);
	return err;
}

/* One line: the command as it was run, and the first line of what it said. */
static int ip__complain(const char *const words[], int said_fd, int err)
{
	char command[256] = "", said[160] = "";
	ssize_t length = pread(said_fd, said, sizeof(said) - 1, 0);

	for (int i = 0; words[i]; i++)
		text__append(command, sizeof(command), "%s%s", i ? " " : "", words[i]);
	said[length > 0 ? length : 0] = '\0';
	said[strcspn(said, "\n")] = '\0';
	if (err == -ENOENT)
		fprintf(stderr, "harness: cannot run ip; install the package iproute2\n");
	else
		fprintf(stderr, "harness: %s: %s\n", command, *said ? said : strerror(-err));
	return err;
}

/* Runs the ip program in the network namespace of this thread. */
static int ip__run(const char *const words[])
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none;
	int status, said_fd, err;
	pid_t pid;

	said_fd = memfd_create("ip", MFD_CLOEXEC);
	if (said_fd < 0)
		return -errno;
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&files, said_fd, STDERR_FILENO);
	/* The caller may have blocked signals to read them from a file descriptor. */
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);

	err = -posix_spawnp(&pid, "ip", &files, &attributes, (char *const *)words, environ);
	if (!err && TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) < 0)
		err = -errno;
	if (!err && status)
		err = -EIO;
	if (err)
		ip__complain(words, said_fd, err);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	close(said_fd);
	return err;
}

#define ip(...) ip__run((const char *const[]){"ip", __VA_ARGS__, NULL})

/* How ip, a process of its own, names a namespace that we hold open. */
static const char *namespace__name(char text[static 64], int fd)
{
	snprintf(text, 64, "/proc/%d/fd/%d", getpid(), fd);
	return text;
}

/* A new namespace beside the caller's, held open by nothing but the descriptor returned. */
static int namespace__new(int home_fd)
{
	int fd;

	if (unshare(CLONE_NEWNET))
		return -errno;
	fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	if (setns(home_fd, CLONE_NEWNET)) {
		if (fd >= 0)
			close(fd);
		return -errno;
	}
	return fd;
}

static int path__add_namespaces(struct path *path)
{
	int fd;

	path->home_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	fd = path->home_fd < 0 ? -errno : 0;
	for (int side = 0; side < SIDE_COUNT && fd >= 0; side++) {
		fd = namespace__new(path->home_fd);
		if (fd >= 0)
			path->namespace_fd[side] = fd;
	}
	if (fd >= 0)
		return 0;
	fprintf(stderr, "harness: --path %s: cannot create a network namespace: %s%s\n",
		path->spec->name, strerror(-fd),
		fd == -EPERM ? "; run as root (CAP_SYS_ADMIN)" : "");
	return fd;
}

/* Both ends are born where they belong, and die with their namespaces. */
static int path__add_veth(struct path *path)
{
	char sender[64], receiver[64];

	return ip("link", "add", path->spec->word[SENDER], "netns",
		  namespace__name(sender, path->namespace_fd[SENDER]), "type", "veth", "peer",
		  "name", path->spec->word[RECEIVER], "netns",
		  namespace__name(receiver, path->namespace_fd[RECEIVER]));
}

static int path__enter(const struct path *path, enum side side)
{
	return setns(path->namespace_fd[side], CLONE_NEWNET) ? -errno : 0;
}

static int path__leave(const struct path *path)
{
	return setns(path->home_fd, CLONE_NEWNET) ? -errno : 0;
}

/*
 * The kernel itself gives hardware back to the initial namespace when the last reference goes, but
 * deletes a virtual device and forgets where it came from.
 */
static void path__give_back(const struct path *path, enum side side)
{
	char home[64];

	if (path__enter(path, side))
		return;
	if (if_nametoindex(path->spec->word[side]))
		ip("link", "set", "dev", path->spec->word[side], "netns",
		   namespace__name(home, path->home_fd));
	path__leave(path);
}

/* Of all that is open only the standard streams and these, as 3 and on. */
static int keep_only(int *const *files, int count)
{
	for (int i = 0; i < count; i++)
		*files[i] = fcntl(*files[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1 + count);
	for (int i = 0; i < count; i++)
		*files[i] = dup3(*files[i], STDERR_FILENO + 1 + i, O_CLOEXEC);
	return close_range(STDERR_FILENO + 1 + count, ~0u, 0) ? -errno : 0;
}

/* Until a word comes, or the end of whoever would have said it. */
static void __attribute__((noreturn)) guard__main(struct path *path, int fd)
{
	int *const files[] = {&fd, &path->home_fd, &path->namespace_fd[SENDER],
			      &path->namespace_fd[RECEIVER]};
	char word;

	prctl(PR_SET_NAME, "harness-guard");
	setsid(); /* Ctrl-C is not for us */
	if (!keep_only(files, 4) && TEMP_FAILURE_RETRY(read(fd, &word, 1)) == 0)
		for (int side = 0; side < SIDE_COUNT; side++)
			path__give_back(path, side);
	_exit(EXIT_SUCCESS);
}

static int path__set_guard(struct path *path)
{
	int fd[2], err = 0;

	if (pipe2(fd, O_CLOEXEC))
		return -errno;
	path->guard = fork();
	if (path->guard == 0)
		guard__main(path, fd[0]);
	if (path->guard < 0) {
		err = -errno;
		path->guard = 0;
		close(fd[1]);
		fprintf(stderr, "harness: cannot make a process: %s\n", strerror(-err));
	} else {
		path->guard_fd = fd[1];
	}
	close(fd[0]);
	return err;
}

static void path__dismiss_guard(struct path *path)
{
	if (!path->guard)
		return;
	if (write(path->guard_fd, "d", 1) != 1)
		kill(path->guard, SIGKILL);
	close(path->guard_fd);
	TEMP_FAILURE_RETRY(waitpid(path->guard, NULL, 0));
	path->guard = 0;
}

static int path__take_devices(struct path *path)
{
	char name[64];
	int err;

	/* Before either is moved: a wrong name must not disturb the other interface. */
	for (int side = 0; side < SIDE_COUNT; side++) {
		if (!if_nametoindex(path->spec->word[side])) {
			fprintf(stderr, "harness: --path %s: no interface %s; ip link lists them\n",
				path->spec->name, path->spec->word[side]);
			return -ENODEV;
		}
	}
	err = path__set_guard(path);
	if (err)
		return err;
	for (int side = 0; side < SIDE_COUNT; side++) {
		err = ip("link", "set", "dev", path->spec->word[side], "netns",
			 namespace__name(name, path->namespace_fd[side]));
		if (err)
			return err;
		path->taken[side] = true;
	}
	return 0;
}

static int path__configure(const struct path *path, enum side side)
{
	const char *device = path->spec->word[side];
	char address[32];
	int err, home;

	snprintf(address, sizeof(address), "%s/24", side_address[side]);
	err = path__enter(path, side);
	if (err)
		return err;
	err = ip("link", "set", "lo", "up");
	if (!err)
		err = ip("address", "add", address, "dev", device);
	if (!err)
		err = ip("link", "set", device, "up");
	home = path__leave(path);
	return err ? err : home;
}

/* A socket stays in the namespace it was made in. Returns it. */
static int path__socket(const struct path *path, enum side side)
{
	int fd, err = 0;

	if (path->home_fd >= 0)
		err = path__enter(path, side);
	if (err)
		return err;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		fd = -errno;
	if (path->home_fd >= 0)
		err = path__leave(path);
	if (err && fd >= 0)
		close(fd);
	return err ? err : fd;
}

enum xdp_mode path__xdp(const struct path *path, enum side side)
{
	enum xdp_mode mode = XDP_MODE_UNKNOWN;

	if (path->home_fd < 0)
		return xdp__mode(path->device[side]);
	if (!path__enter(path, side))
		mode = xdp__mode(path->device[side]);
	return path__leave(path) ? XDP_MODE_UNKNOWN : mode;
}

static int path__wait_carrier(const struct path *path, enum side side)
{
	struct ifreq request = {};
	int fd = path__socket(path, side), err = fd < 0 ? fd : 0;

	strcpy(request.ifr_name, path->spec->word[side]);
	for (int ms = 0; !err; ms += CARRIER_POLL_MS) {
		if (ioctl(fd, SIOCGIFFLAGS, &request))
			err = -errno;
		else if (request.ifr_flags & IFF_RUNNING)
			break;
		else if (ms >= CARRIER_WAIT_MS)
			err = -ENOLINK;
		usleep(CARRIER_POLL_MS * 1000);
	}
	if (fd >= 0)
		close(fd);
	if (err)
		fprintf(stderr, "harness: --path %s: %s has no carrier: %s; is it connected?\n",
			path->spec->name, path->spec->word[side], strerror(-err));
	return err;
}

/* The namespaces that ip netns add made. */
static int path__find_namespaces(struct path *path)
{
	char name[128];

	path->home_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (path->home_fd < 0)
		return -errno;
	for (int side = 0; side < SIDE_COUNT; side++) {
		snprintf(name, sizeof(name), "/run/netns/%s", path->spec->word[side]);
		path->namespace_fd[side] = open(name, O_RDONLY | O_CLOEXEC);
		if (path->namespace_fd[side] < 0) {
			int err = -errno;

			fprintf(stderr,
				"harness: --path %s: no namespace %s: %s; ip netns lists them\n",
				path->spec->name, path->spec->word[side], strerror(-err));
			return err == -ENOENT ? -ENODEV : err;
		}
	}
	return 0;
}

/*
 * The first interface of a side's namespace that has an IPv4 address and is not the loopback: what
 * the bytes cross, and on the sender's side where it listens.
 */
static int path__find_address(struct path *path, enum side side)
{
	struct ifaddrs *list = NULL;
	int err = path__enter(path, side);

	if (err) {
		fprintf(stderr, "harness: --path %s: cannot enter namespace %s: %s\n",
			path->spec->name, path->spec->word[side], strerror(-err));
		return err;
	}
	if (getifaddrs(&list))
		err = -errno;
	for (struct ifaddrs *each = list; each && !path->device[side][0]; each = each->ifa_next) {
		const struct sockaddr_in *address = (const void *)each->ifa_addr;

		if (!address || address->sin_family != AF_INET || (each->ifa_flags & IFF_LOOPBACK))
			continue;
		snprintf(path->device[side], IF_NAMESIZE, "%s", each->ifa_name);
		if (side == SENDER)
			path->address = address->sin_addr;
	}
	freeifaddrs(list);
	if (path__leave(path) && !err)
		err = -errno;
	if (!err && !path->device[side][0])
		err = -EADDRNOTAVAIL;
	if (err)
		fprintf(stderr, "harness: --path %s: namespace %s has no IPv4 address: %s\n",
			path->spec->name, path->spec->word[side], strerror(-err));
	return err;
}

static int path__make(struct path *path)
{
	int err;

	inet_pton(AF_INET, side_address[SENDER], &path->address);
	err = path__add_namespaces(path);
	if (!err)
		err = path->spec->kind == PATH_VETH ? path__add_veth(path)
						    : path__take_devices(path);
	for (int side = 0; side < SIDE_COUNT && !err; side++)
		err = path__configure(path, side);
	for (int side = 0; side < SIDE_COUNT && !err; side++)
		err = path__wait_carrier(path, side);
	return err;
}

int path__open(const struct path_spec *spec, struct path *path)
{
	int err;

	*path = (struct path){
		.spec = spec,
		.address.s_addr = htonl(INADDR_LOOPBACK),
		.namespace_fd = {-1, -1},
		.home_fd = -1,
		.device = {"lo", "lo"},
	};
	if (spec->kind == PATH_LO)
		return 0;
	memset(path->device, 0, sizeof(path->device));

	if (spec->kind == PATH_NETNS) {
		err = path__find_namespaces(path);
		for (int side = 0; side < SIDE_COUNT && !err; side++)
			err = path__find_address(path, side);
	} else {
		for (int side = 0; side < SIDE_COUNT; side++)
			memcpy(path->device[side], spec->word[side], IF_NAMESIZE);
		err = path__make(path);
	}
	if (err)
		path__close(path);
	return err;
}

json_t *path__json(const struct path *path)
{
	json_t *json = json_pack("{s:s}", "name", path->spec->name);

	for (int side = 0; side < SIDE_COUNT; side++) {
		int fd = path__socket(path, side);

		json_object_set_new(
			json, side_names[side],
			fd < 0 ? json_null()
			       : path_details__json(fd, path->device[side], path__xdp(path, side)));
		if (fd >= 0)
			close(fd);
	}
	return json;
}

void path__uncounted(const struct path *path, char *why, size_t size)
{
	enum xdp_mode mode = path__xdp(path, RECEIVER);
	const char *device = path->device[RECEIVER];
	struct interface interface = {};
	int fd;

	*why = '\0';
	if (mode == XDP_MODE_NONE)
		return;
	fd = path__socket(path, RECEIVER);
	if (fd >= 0) {
		interface__read(fd, device, &interface);
		close(fd);
	}
	if (mode == XDP_MODE_UNKNOWN)
		snprintf(why, size,
			 "whether the kernel copies what comes by %s for an XDP program cannot be "
			 "seen",
			 device);
	else if (xdp__copies(mode, interface.driver))
		snprintf(why, size,
			 "the kernel copies what comes by %s for the %s XDP program there, and no "
			 "probe counts that",
			 device, xdp__name(mode));
}

void path__complain_of_links(const struct path *path)
{
	struct ifreq request = {};

	for (int side = 0; side < SIDE_COUNT; side++) {
		int fd = path__socket(path, side);

		if (fd < 0)
			continue;
		memcpy(request.ifr_name, path->device[side], IF_NAMESIZE);
		if (ioctl(fd, SIOCGIFFLAGS, &request))
			fprintf(stderr, "harness: --path %s: %s: %s\n", path->spec->name,
				path->device[side], strerror(errno));
		else if (!(request.ifr_flags & IFF_UP))
			fprintf(stderr, "harness: --path %s: %s is down\n", path->spec->name,
				path->device[side]);
		else if (!(request.ifr_flags & IFF_RUNNING))
			fprintf(stderr, "harness: --path %s: %s has no carrier\n", path->spec->name,
				path->device[side]);
		close(fd);
	}
}

void path__close(struct path *path)
{
	for (int side = 0; side < SIDE_COUNT; side++)
		if (path->taken[side])
			path__give_back(path, side);
	path__dismiss_guard(path);
	for (int side = 0; side < SIDE_COUNT; side++) {
		path->taken[side] = false;
		if (path->namespace_fd[side] >= 0)
			close(path->namespace_fd[side]);
		path->namespace_fd[side] = -1;
	}
	if (path->home_fd >= 0)
		close(path->home_fd);
	path->home_fd = -1;
}
