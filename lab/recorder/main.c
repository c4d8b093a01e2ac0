#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

struct options options = { .root = "", .hw_info = true };

void fail(int status, const char *format, ...)
{
	va_list arguments;

	FILE *to = options.errors > 0 ? fdopen(options.errors, "w") : stderr;

	if (to == NULL)
		to = stderr;
	va_start(arguments, format);
	fputs("nestcheck-recorder: ", to);
	vfprintf(to, format, arguments);
	fputc('\n', to);
	fflush(to);
	va_end(arguments);
	exit(status);
}

static const char USAGE[] =
	"expected: nestcheck-recorder -o FILE [--every-call] [--no-hw-info] (--pid PID | -- COMMAND...)";

static const char *value_of(char **argv, int *at, const char *name)
{
	if (argv[*at + 1] == NULL)
		fail(2, "%s: expected a value", name);
	return argv[++*at];
}

static void parse(char **argv)
{
	for (int at = 1; argv[at] != NULL; at++) {
		const char *word = argv[at];

		if (strcmp(word, "--") == 0) {
			options.command = argv + at + 1;
			break;
		}
		if (strcmp(word, "-o") == 0) {
			options.output = value_of(argv, &at, word);
		} else if (strcmp(word, "--root") == 0) {
			options.root = value_of(argv, &at, word);
		} else if (strcmp(word, "--pid") == 0) {
			char *end;
			long pid = strtol(value_of(argv, &at, word), &end, 10);

			if (*end != 0 || pid <= 0 || pid > 1 << 22)
				fail(2, "--pid: expected the number of a process");
			options.pid = (pid_t)pid;
		} else if (strcmp(word, "--errors") == 0) {
			/* A descriptor for what the recorder itself has to say: the program has standard error. */
			options.errors = atoi(value_of(argv, &at, word));
			fcntl(options.errors, F_SETFD, FD_CLOEXEC);
		} else if (strcmp(word, "--every-call") == 0) {
			options.every_call = true;
		} else if (strcmp(word, "--no-hw-info") == 0) {
			options.hw_info = false;
		} else {
			fail(2, "%s", USAGE);
		}
	}
	if (options.output == NULL || (options.pid > 0) == (options.command != NULL && options.command[0] != NULL))
		fail(2, "%s", USAGE);
	/* A filter cannot be given to a process that runs, nor be taken from it when the recorder goes. */
	if (options.pid > 0)
		options.every_call = true;
}

static void describe_recording(void)
{
	struct utsname system;

	uname(&system);
	begin_line("meta", NULL);
	put_text("recorder", "nestcheck-recorder/1");
	put_text("kernel", system.release);
	put_text("machine", system.machine);
	put_number("page_size", sysconf(_SC_PAGESIZE));
	fprintf(out, ",\"thp\":%s", access("/sys/kernel/mm/transparent_hugepage", F_OK) == 0 ? "true" : "false");
	if (options.command != NULL) {
		fputs(",\"command\":[", out);
		for (int at = 0; options.command[at] != NULL && at < 256; at++) {
			char *text = options.command[at];

			if (at > 0)
				fputc(',', out);
			fputc('"', out);
			for (; *text != 0; text++)
				fprintf(out, *text == '"' || *text == '\\' ? "\\%c" :
					     (unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e ? "\\u%04x" : "%c",
					(unsigned char)*text);
			fputc('"', out);
		}
		fputc(']', out);
	}
	end_line();
}

int main(int argc, char **argv)
{
	(void)argc;
	parse(argv);
	out = fopen(options.output, "we");
	if (out == NULL)
		fail(2, "%s: cannot be written: %s", options.output, strerror(errno));
	describe_recording();
	describe_machine();
	return trace();
}
