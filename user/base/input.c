// SPDX-License-Identifier: GPL-2.0
#include "base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP (64u << 10)

const char *input__strerror(int err)
{
	switch (err) {
	case -EFBIG:
		return "longer than 256 MiB";
	case -ETIMEDOUT:
		return "a pipe that nothing comes from";
	case -ENOTSUP:
		return "neither a file nor a pipe";
	default:
		return strerror(-err);
	}
}

/* Reads more of a file; 0 at its end. */
static ssize_t read_more(int fd, char *to, size_t size)
{
	struct pollfd more = {.fd = fd, .events = POLLIN};
	ssize_t length;

	for (;;) {
		length = read(fd, to, size);
		if (length >= 0)
			return length;
		if (errno == EAGAIN && poll(&more, 1, INPUT_WAIT_MS) == 0)
			return -ETIMEDOUT;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
}

static int read_all(int fd, struct input *input)
{
	size_t room = 0;
	ssize_t length;
	char *text;

	for (;;) {
		if (room < input->length + STEP) {
			room = 2 * room + STEP;
			text = realloc(input->text, room + 1);
			if (!text)
				return -ENOMEM;
			input->text = text;
		}
		length = read_more(fd, input->text + input->length, STEP);
		if (length <= 0)
			break;
		input->length += length;
		if (input->length > INPUT_MAX)
			return -EFBIG;
	}
	input->text[input->length] = '\0';
	return length;
}

int input__read(int fd, struct input *input)
{
	struct stat status;
	int err = 0;

	*input = (struct input){};
	if (fstat(fd, &status))
		return -errno;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
		return -ENOTSUP;
	if (S_ISREG(status.st_mode) && lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	err = read_all(fd, input);
	if (err)
		input__free(input);
	return err;
}

int input__open(const char *path, struct input *input)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), err;

	*input = (struct input){};
	if (fd < 0)
		return -errno;
	err = input__read(fd, input);
	close(fd);
	return err;
}

void input__free(struct input *input)
{
	free(input->text);
	*input = (struct input){};
}
