#include "recorder.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

/* Errors of the kernel as negative numbers. */
#define MAX_ERRNO 4095

FILE *out;
uint64_t lines;
unsigned in_flight;

uint64_t microseconds(void)
{
	static uint64_t start;
	struct timespec now;
	uint64_t at;

	clock_gettime(CLOCK_MONOTONIC, &now);
	at = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	if (start == 0)
		start = at;
	return at - start;
}

void begin_line(const char *ev, struct thread *thread)
{
	fprintf(out, "{\"seq\":%" PRIu64 ",\"section\":\"\",\"ev\":\"%s\"", lines, ev);
	if (thread == NULL)
		return;
	thread->process->seen = true;
	fprintf(out, ",\"t\":%" PRIu64 ",\"pid\":%d,\"tid\":%d", microseconds(), thread->process->pid,
		thread->tid);
}

void put_number(const char *key, int64_t value)
{
	fprintf(out, ",\"%s\":%" PRId64, key, value);
}

void put_address(const char *key, uint64_t value)
{
	fprintf(out, ",\"%s\":\"0x%" PRIx64 "\"", key, value);
}

/* Bytes that are not ASCII are written as Latin-1 has them: nothing here decides what a path's bytes mean. */
void put_text(const char *key, const char *value)
{
	fprintf(out, ",\"%s\":\"", key);
	for (const unsigned char *at = (const unsigned char *)value; *at != 0; at++) {
		if (*at == '"' || *at == '\\')
			fprintf(out, "\\%c", *at);
		else if (*at < 0x20 || *at >= 0x7f)
			fprintf(out, "\\u%04x", *at);
		else
			fputc(*at, out);
	}
	fputc('"', out);
}

void put_hex(const char *key, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";

	if (key != NULL)
		fprintf(out, ",\"%s\":\"", key);
	for (size_t at = 0; at < size; at++) {
		fputc(digits[bytes[at] >> 4], out);
		fputc(digits[bytes[at] & 15], out);
	}
	if (key != NULL)
		fputc('"', out);
}

void put_return(int64_t value)
{
	bool failed = value < 0 && value >= -MAX_ERRNO;

	put_number("ret", failed ? -1 : value);
	put_number("errno", failed ? -value : 0);
}

/* Every line goes out at once: what ends the recorder takes no line with it. */
void end_line(void)
{
	fputs("}\n", out);
	fflush(out);
	lines++;
}
