/* Lines in, lines out; both bounded. */
#include "agent.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int in_fd = 0, out_fd = 1;
static char in_buffer[64 * 1024];
static size_t in_from, in_to;
static char out_buffer[64 * 1024];
static size_t out_used;

void set_wire(int in, int out)
{
	in_fd = in;
	out_fd = out;
}

/* A virtio port without a reader at the other end says EAGAIN or ends the file: it comes back. */
static ssize_t fill(void)
{
	for (;;) {
		ssize_t got = read(in_fd, in_buffer, sizeof(in_buffer));

		if (got > 0)
			return got;
		if (got < 0 && errno == EINTR)
			continue;
		if (getpid() != 1)
			return got;
		usleep(10000);
	}
}

/*
 * Reads one line without its end. 0; 1: it was longer than `size` and is skipped; -1: the wire ended.
 */
int read_line(char *line, size_t size, size_t *length)
{
	size_t used = 0;

	for (;;) {
		if (in_from == in_to) {
			ssize_t got = fill();

			if (got <= 0)
				return -1;
			in_from = 0;
			in_to = (size_t)got;
		}
		char next = in_buffer[in_from++];

		if (next == '\n')
			break;
		if (used + 1 < size)
			line[used] = next;
		used++;
	}
	*length = used;
	line[used + 1 < size ? used : size - 1] = 0;
	return used + 1 < size ? 0 : 1;
}

void flush_answers(void)
{
	size_t done = 0;

	while (done < out_used) {
		ssize_t wrote = write(out_fd, out_buffer + done, out_used - done);

		if (wrote > 0) {
			done += (size_t)wrote;
			continue;
		}
		if (wrote < 0 && errno == EAGAIN) {
			struct pollfd wait = { .fd = out_fd, .events = POLLOUT };

			poll(&wait, 1, 1000);
			continue;
		}
		if (wrote < 0 && errno == EINTR)
			continue;
		if (getpid() != 1)
			_exit(1); /* nobody listens any more */
		break;
	}
	out_used = 0;
}

static void put(const char *text, size_t length)
{
	while (length > 0) {
		size_t room = sizeof(out_buffer) - out_used;
		size_t part = length < room ? length : room;

		memcpy(out_buffer + out_used, text, part);
		out_used += part;
		text += part;
		length -= part;
		if (out_used == sizeof(out_buffer))
			flush_answers();
	}
}

void say(const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length > 0)
		put(text, (size_t)length < sizeof(text) ? (size_t)length : sizeof(text) - 1);
}

void say_text(const char *text, size_t length)
{
	put(text, length);
}

void say_hex(const uint8_t *bytes, size_t length)
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		char two[2] = { digit[bytes[i] >> 4], digit[bytes[i] & 15] };

		put(two, 2);
	}
}

int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	return -1;
}
