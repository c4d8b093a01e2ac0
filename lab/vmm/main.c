/*
 * The first process of a guest in which VMMs run: starts one under the recorder, tells it what its guest and its operator do
 * (qtest, QMP), and answers with what was recorded meanwhile, in order. PROTOCOL.md says what is spoken.
 */
#include "../agent/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_LINES 20000
#define MAX_WORDS 256
#define MAX_TEXT (8 * 1024 * 1024)
#define PIPE_BYTES (1024 * 1024)
#define MOST_SAID 4000
#define MOST_SAID_OF_ALL (1024 * 1024)

#define RECORDER "/bin/nestcheck-recorder"
#define SAID "/run/said"

/* A socket that the VMM speaks on, line by line. */
struct line_socket {
	const char *path;
	int listener, fd;
	char text[MAX_LINE];
	size_t used;
};

static struct line_socket qtest = { "/run/qtest", -1, -1, "", 0 }, qmp = { "/run/qmp", -1, -1, "", 0 };
static char session_text[MAX_TEXT];
static char *lines[MAX_LINES];
static int line_count;
static int recorded = -1; /* the recorder's lines come from here */
static char recorded_line[MAX_LINE];
static size_t recorded_used;
static unsigned int timeout_ms;

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void hello(void)
{
	struct utsname system;

	uname(&system);
	say("hello nestcheck-vmm-driver/1 arch=%s release=%s page=%ld\n", system.machine, system.release,
	    sysconf(_SC_PAGESIZE));
	look_at_devices(0);
	describe_devices();
	say("ready\n");
}

static long open_files(void)
{
	char text[64] = "";
	int fd = open("/proc/sys/fs/file-nr", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return strtol(text, NULL, 10);
}

/* Says what the recorder has written until now. */
static void take_recorded(void)
{
	char part[64 * 1024];
	ssize_t got;

	while (recorded >= 0 && (got = read(recorded, part, sizeof(part))) != 0) {
		if (got < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		for (ssize_t at = 0; at < got; at++) {
			if (part[at] != '\n') {
				if (recorded_used < sizeof(recorded_line) - 1)
					recorded_line[recorded_used++] = part[at];
				continue;
			}
			say("r ");
			say_text(recorded_line, recorded_used);
			say("\n");
			recorded_used = 0;
		}
	}
	/* The end of it: recorder and VMM have gone. */
	if (recorded >= 0)
		close(recorded);
	recorded = -1;
}

static int listen_on(struct line_socket *socket_of)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, socket_of->path);
	unlink(socket_of->path);
	socket_of->used = 0;
	socket_of->fd = -1;
	socket_of->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return bind(socket_of->listener, (struct sockaddr *)&address, sizeof(address)) ||
	       listen(socket_of->listener, 1);
}

static void hang_up(struct line_socket *socket_of)
{
	if (socket_of->fd >= 0)
		close(socket_of->fd);
	if (socket_of->listener >= 0)
		close(socket_of->listener);
	socket_of->fd = socket_of->listener = -1;
}

/* Waits for one of two descriptors, and takes what is recorded meanwhile. 0: it is ready; -1: too late, or all is over. */
static int wait_for(int fd, uint64_t until)
{
	for (;;) {
		struct pollfd wait[2] = { { fd, POLLIN, 0 }, { recorded, POLLIN, 0 } };
		uint64_t now = clock_ms();

		if (now >= until)
			return -1;
		poll(wait, recorded < 0 ? 1 : 2, (int)(until - now));
		if (recorded >= 0 && wait[1].revents)
			take_recorded();
		if (wait[0].revents)
			return 0;
		if (recorded < 0)
			return -1;
	}
}

static int called(struct line_socket *socket_of)
{
	if (wait_for(socket_of->listener, clock_ms() + timeout_ms))
		return -1;
	socket_of->fd = accept4(socket_of->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	return socket_of->fd < 0 ? -1 : 0;
}

static int tell(struct line_socket *socket_of, const char *text)
{
	size_t length = strlen(text), done = 0;
	uint64_t until = clock_ms() + timeout_ms;

	while (done < length + 1) {
		ssize_t wrote = done < length ? write(socket_of->fd, text + done, length - done) :
						write(socket_of->fd, "\n", 1);

		if (wrote > 0) {
			done += (size_t)wrote;
		} else if (errno == EAGAIN) {
			struct pollfd wait = { socket_of->fd, POLLOUT, 0 };

			take_recorded();
			poll(&wait, 1, 10);
		} else if (errno != EINTR) {
			return -1;
		}
		if (clock_ms() > until)
			return -1;
	}
	return 0;
}

/* The next line, without its end; NULL: none comes. */
static const char *hear_line(struct line_socket *socket_of)
{
	static char line[MAX_LINE];
	uint64_t until = clock_ms() + timeout_ms;

	for (;;) {
		char *end = memchr(socket_of->text, '\n', socket_of->used);
		ssize_t got;

		if (end) {
			size_t length = (size_t)(end - socket_of->text);

			memcpy(line, socket_of->text, length);
			line[length] = 0;
			if (length > 0 && line[length - 1] == '\r')
				line[length - 1] = 0;
			socket_of->used -= length + 1;
			memmove(socket_of->text, end + 1, socket_of->used);
			return line;
		}
		if (socket_of->used == sizeof(socket_of->text) || wait_for(socket_of->fd, until))
			return NULL;
		got = read(socket_of->fd, socket_of->text + socket_of->used,
			   sizeof(socket_of->text) - socket_of->used);
		if (got > 0)
			socket_of->used += (size_t)got;
		else if (got == 0 || (errno != EAGAIN && errno != EINTR))
			return NULL;
	}
}

static int starts(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* The next line that begins as an answer does, well or not; what is told in between is left out. */
static const char *ask(struct line_socket *of, const char *command, const char *well, const char *ill)
{
	const char *answer;

	if (tell(of, command))
		return NULL;
	do
		answer = hear_line(of);
	while (answer && !starts(answer, well) && !starts(answer, ill));
	return answer;
}

static const char *ask_qtest(const char *command)
{
	return ask(&qtest, command, "OK", "FAIL");
}

static const char *ask_qmp(const char *command)
{
	return ask(&qmp, command, "{\"return\"", "{\"error\"");
}

static void pause_ms(unsigned long ms)
{
	struct timespec time = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	nanosleep(&time, NULL);
}

/* until ADDRESS MASK: the eight bytes there have none of these bits any more. */
static const char *wait_until(const char *text)
{
	static char command[64];
	unsigned long long address, mask;
	uint64_t until = clock_ms() + timeout_ms;

	if (sscanf(text, "%llx %llx", &address, &mask) != 2)
		return "FAIL";
	snprintf(command, sizeof(command), "readq 0x%llx", address);
	while (clock_ms() < until) {
		const char *answer = ask_qtest(command);

		if (!answer || starts(answer, "FAIL"))
			return answer;
		if (!(strtoull(answer + 3, NULL, 0) & mask))
			return answer;
		pause_ms(5);
	}
	return NULL;
}

static const char *carry_out(const char *line)
{
	if (starts(line, "qtest "))
		return ask_qtest(line + 6);
	if (starts(line, "qmp "))
		return ask_qmp(line + 4);
	if (starts(line, "until "))
		return wait_until(line + 6);
	pause_ms(strtoul(line + 6, NULL, 10));
	return "OK";
}

static pid_t start(char **words)
{
	int pipe_fd[2], said, null;
	char to[64];
	char *argv[MAX_WORDS + 8] = { RECORDER, "-o", to };
	int count = 3;
	pid_t pid;

	if (pipe2(pipe_fd, O_CLOEXEC))
		return -1;
	fcntl(pipe_fd[1], F_SETPIPE_SZ, PIPE_BYTES);
	fcntl(pipe_fd[0], F_SETFL, O_NONBLOCK);
	recorded = pipe_fd[0];
	recorded_used = 0;
	for (int at = 0; words[at]; at++)
		argv[count++] = words[at];
	said = open(SAID, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid = fork();
	if (pid == 0) {
		sigset_t none;
		int out;

		setpgid(0, 0);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		dup2(null, 0);
		dup2(said, 1);
		dup2(said, 2);
		out = fcntl(pipe_fd[1], F_DUPFD, 3);
		snprintf(to, sizeof(to), "/proc/self/fd/%d", out);
		execv(RECORDER, argv);
		dprintf(2, "the recorder does not start: %s\n", strerror(errno));
		_exit(127);
	}
	setpgid(pid, pid);
	close(pipe_fd[1]);
	close(said);
	close(null);
	return pid;
}

/* Ends all that a session started, and waits until the kernel has taken back what it had. */
static void end_all(pid_t pid)
{
	uint64_t until = clock_ms() + 20000;

	kill(-pid, SIGKILL);
	while (clock_ms() < until) {
		pid_t got = waitpid(-1, NULL, WNOHANG);

		if (got < 0)
			break;
		if (got == 0)
			pause_ms(2);
	}
}

/* What was said, its last lines or (`most`) more, each as a line of the answer. */
static void say_said(size_t most)
{
	static char text[MOST_SAID_OF_ALL + 1];
	int fd = open(SAID, O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	ssize_t got;

	if (fd < 0)
		return;
	got = pread(fd, text, most, size > (off_t)most ? size - (off_t)most : 0);
	close(fd);
	text[got > 0 ? got : 0] = 0;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		say("v ");
		say_text(line, strlen(line));
		say("\n");
	}
}

static const char *run(int first_operation, pid_t pid)
{
	int status;

	if (first_operation == line_count) {
		/* Nothing to be told: it ends by itself. */
		uint64_t until = clock_ms() + timeout_ms;

		while (recorded >= 0)
			if (wait_for(recorded, until) && recorded >= 0)
				return "timeout";
		return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "ok" : "died";
	}
	if (called(&qtest) || called(&qmp))
		return recorded < 0 ? "died" : "timeout";
	for (int at = first_operation; at < line_count; at++) {
		const char *answer = carry_out(lines[at]);

		take_recorded();
		if (!answer)
			return recorded < 0 || waitpid(pid, &status, WNOHANG) == pid ? "died" : "timeout";
		say("a %d ", at - first_operation);
		say_text(answer, strlen(answer));
		say("\n");
	}
	return "ok";
}

static const char *check(const char *line)
{
	static const char *const kinds[] = { "word ", "qtest ", "qmp ", "until ", "pause " };

	for (size_t at = 0; at < sizeof(kinds) / sizeof(kinds[0]); at++)
		if (starts(line, kinds[at]))
			return NULL;
	return "word, qtest, qmp, until or pause";
}

/* session ID LINES TIMEOUT_MS, and so many lines. All are read, and nothing is done if one is wrong. */
static void take_session(const char *line)
{
	static char text[MAX_LINE], *words[MAX_WORDS + 1];
	unsigned long long id;
	unsigned int count;
	const char *wrong = NULL, *how;
	size_t used = 0;
	int end = 0, first = 0;
	pid_t pid;

	if (sscanf(line, "session %llu %u %u%n", &id, &count, &timeout_ms, &end) != 3 || line[end] ||
	    count > MAX_LINES || timeout_ms > 600000) {
		say("bad expected session ID LINES TIMEOUT_MS with at most %d lines\n", MAX_LINES);
		return;
	}
	line_count = 0;
	for (unsigned int at = 0; at < count; at++) {
		size_t length;
		int got = read_line(text, sizeof(text), &length);

		if (got < 0)
			exit(0);
		if (got > 0 || used + length + 1 > MAX_TEXT)
			wrong = "shorter lines";
		else if (!wrong)
			wrong = check(text);
		if (wrong)
			continue;
		lines[line_count++] = memcpy(session_text + used, text, length + 1);
		used += length + 1;
	}
	for (; first < line_count && starts(lines[first], "word "); first++)
		if (first < MAX_WORDS)
			words[first] = lines[first] + 5;
		else
			wrong = "fewer words";
	words[first < MAX_WORDS ? first : MAX_WORDS] = NULL;
	if (wrong) {
		say("bad %llu: expected %s\n", id, wrong);
		return;
	}
	say("answer %llu\n", id);
	listen_on(&qtest);
	listen_on(&qmp);
	pid = start(words);
	how = pid < 0 ? "died" : run(first, pid);
	hang_up(&qtest);
	hang_up(&qmp);
	if (first == line_count)
		say_said(MOST_SAID_OF_ALL);
	else if (strcmp(how, "ok"))
		say_said(MOST_SAID);
	if (pid > 0)
		end_all(pid);
	if (recorded >= 0)
		close(recorded);
	recorded = -1;
	say("end %llu %s files=%ld\n", id, how, open_files());
}

static void serve(void)
{
	static char line[MAX_LINE];
	size_t length;
	int got;

	while ((got = read_line(line, sizeof(line), &length)) >= 0) {
		if (got > 0)
			say("bad expected a line of less than %d bytes\n", MAX_LINE);
		else if (starts(line, "session "))
			take_session(line);
		else if (!strcmp(line, "hello"))
			hello();
		else if (!strcmp(line, "quit"))
			break;
		else
			say("bad expected hello, session or quit\n");
		flush_answers();
	}
}

/* As on the agent's command line. */
static void name_devices(void)
{
	static char text[4096];
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = 0;
	for (char *word = strtok(text, " \n"); word; word = strtok(NULL, " \n"))
		if (starts(word, "nestcheck.device="))
			name_device(word + 17);
}

static int open_port(void)
{
	for (int tries = 0; tries < 500; tries++) {
		int fd = open("/dev/vport0p1", O_RDWR | O_CLOEXEC);

		if (fd < 0)
			fd = open("/dev/vport1p1", O_RDWR | O_CLOEXEC);
		if (fd >= 0)
			return fd;
		usleep(10000);
	}
	return -1;
}

int main(void)
{
	static const char *const mounts[][2] = { { "proc", "/proc" }, { "sysfs", "/sys" }, { "devtmpfs", "/dev" } };
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	int port, console;

	for (int at = 0; at < 3; at++) {
		mkdir(mounts[at][1], 0755);
		mount(mounts[at][0], mounts[at][1], mounts[at][0], 0, NULL);
	}
	mkdir("/run", 0755);
	mkdir("/tmp", 01777);
	console = open("/dev/console", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		dup2(console, fd);
	/* A VMM pins all of its guest's memory. */
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	signal(SIGPIPE, SIG_IGN);
	name_devices();
	port = open_port();
	if (port < 0) {
		dprintf(2, "nestcheck-vmm-driver: no port to be spoken to\n");
		reboot(RB_POWER_OFF);
	}
	set_wire(port, port);
	look_at_devices(1);
	hello();
	flush_answers();
	serve();
	reboot(RB_POWER_OFF);
	return 0;
}
