/* The command loop, and what a first process of a guest has to do before it. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

const struct backend *backend = &linux_backend;
static int binds;

static void hello(void)
{
	struct utsname system;

	uname(&system);
	say("hello nestcheck-agent/1 arch=%s release=%s page=%ld\n", system.machine, system.release,
	    sysconf(_SC_PAGESIZE));
	backend->discover(0);
	describe_devices();
	say("ready\n");
}

static long open_files(void)
{
	char text[64] = "";
	int fd = open("/proc/sys/fs/file-nr", O_RDONLY);

	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return strtol(text, NULL, 10);
}

static void answer_batch(const char *ended)
{
	say("answer %llu\n", (unsigned long long)batch.id);
	for (int i = 0; i < batch.count; i++) {
		const struct answer *answer = &results->answer[i];
		int thread = batch.op[i].thread;

		if (answer->state == NOT_RUN && thread)
			continue; /* another thread may have come further */
		if (answer->state == NOT_RUN)
			break;
		if (answer->state != DONE || (thread && !answer->ended)) {
			say("a %d %s\n", i, answer->state == REFUSED ? "refused" : "unfinished");
			continue;
		}
		say("a %d %lld %d ", i, (long long)answer->ret, answer->error);
		if (answer->length)
			say_hex(results->output + answer->out, answer->length);
		else
			say("-");
		for (int b = 0; b < answer->buffers; b++) {
			say(" b ");
			if (batch.op[i].buffer[b].length)
				say_hex(results->output + answer->buffer[b], batch.op[i].buffer[b].length);
			else
				say("-");
		}
		if (thread)
			say(" @%u-%u", answer->began, answer->ended);
		say("\n");
	}
	say("end %llu %s files=%ld\n", (unsigned long long)batch.id, ended, open_files());
}

/* batch ID OPERATIONS TIMEOUT_MS, and so many lines. All are read, and nothing is done if one is wrong. */
static void take_batch(char *line)
{
	static char text[MAX_LINE];
	unsigned long long id;
	unsigned int count, timeout;
	const char *wrong = NULL;
	int wrong_at = 0, end = 0;

	if (sscanf(line, "batch %llu %u %u%n", &id, &count, &timeout, &end) != 3 || line[end] || count > MAX_OPS ||
	    timeout > 600000) {
		say("bad expected batch ID OPERATIONS TIMEOUT_MS with at most %d operations\n", MAX_OPS);
		return;
	}
	batch.id = id;
	batch.timeout_ms = timeout;
	batch.used = 0;
	for (unsigned int i = 0; i < count; i++) {
		size_t length;
		const char *why = "a shorter line";
		int got = read_line(text, sizeof(text), &length);

		if (got < 0)
			exit(0);
		batch.count = (int)i;
		if (wrong)
			continue;
		if (got > 0 || strlen(text) != length || parse_op(text, &batch.op[i], &why)) {
			wrong = why;
			wrong_at = (int)i;
		}
	}
	batch.count = (int)count;
	if (wrong)
		say("bad %llu operation %d: expected %s\n", id, wrong_at, wrong);
	else
		answer_batch(run_batch());
}

/* The table that says which devices stand behind which SMMU; `lab setup` makes a changed one from it. */
static void say_iort(void)
{
	static uint8_t bytes[65536];
	int fd = open("/sys/firmware/acpi/tables/IORT", O_RDONLY);
	ssize_t got = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	if (fd >= 0)
		close(fd);
	say("iort ");
	if (got > 0)
		say_hex(bytes, (size_t)got);
	else
		say("-");
	say("\n");
}

static void serve(void)
{
	static char line[MAX_LINE];
	size_t length;
	int got;

	while ((got = read_line(line, sizeof(line), &length)) >= 0) {
		if (got > 0)
			say("bad expected a line of less than %d bytes\n", MAX_LINE);
		else if (!strncmp(line, "batch ", 6))
			take_batch(line);
		else if (!strcmp(line, "hello"))
			hello();
		else if (!strcmp(line, "iort"))
			say_iort();
		else if (!strcmp(line, "quit"))
			break;
		else
			say("bad expected hello, batch, iort or quit\n");
		flush_answers();
	}
}

/* nestcheck.device=BDF on the kernel's command line names a device, as an argument does elsewhere. */
static void read_command_line(void)
{
	static char text[4096];
	int fd = open("/proc/cmdline", O_RDONLY);
	ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = 0;
	for (char *word = strtok(text, " \n"); word; word = strtok(NULL, " \n"))
		if (!strncmp(word, "nestcheck.device=", 17))
			name_device(word + 17);
}

static int open_port(void)
{
	for (int tries = 0; tries < 500; tries++) {
		int fd = open("/dev/vport0p1", O_RDWR);

		if (fd < 0)
			fd = open("/dev/vport1p1", O_RDWR);
		if (fd >= 0)
			return fd;
		usleep(10000);
	}
	return -1;
}

/* The first process of a guest: file systems, the port, the devices; then it waits to be spoken to. */
static void begin_guest(void)
{
	static const char *const mounts[][2] = { { "proc", "/proc" }, { "sysfs", "/sys" }, { "devtmpfs", "/dev" } };
	struct rlimit files = { 1024, 4096 };
	int port, console;

	for (int i = 0; i < 3; i++) {
		mkdir(mounts[i][1], 0755);
		mount(mounts[i][0], mounts[i][1], mounts[i][0], 0, NULL);
	}
	console = open("/dev/console", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		dup2(console, fd);
	setrlimit(RLIMIT_NOFILE, &files);
	read_command_line();
	port = open_port();
	if (port < 0) {
		dprintf(2, "nestcheck-agent: no port to be spoken to\n");
		reboot(RB_POWER_OFF);
	}
	set_wire(port, port);
	binds = 1;
}

int main(int argc, char **argv)
{
	const char *name = getenv("NESTCHECK_AGENT_BACKEND");

	results = mmap((void *)0x610000000000, sizeof(*results), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (results == MAP_FAILED) {
		dprintf(2, "nestcheck-agent: no memory for answers\n");
		return 1;
	}
	if (name && !strcmp(name, "fake"))
		backend = &fake_backend;
	if (getpid() == 1)
		begin_guest();
	for (int i = 1; i < argc && getpid() != 1; i++) {
		if (name_device(argv[i])) {
			dprintf(2, "nestcheck-agent: expected PCI addresses such as 0000:00:02.0, each once\n");
			return 2;
		}
	}
	backend->discover(binds);
	hello();
	flush_answers();
	serve();
	flush_answers();
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	return 0;
}
