/*
 * A program for the recorder's tests: makes the calls of a script, a line each. With `play` as its second argument a
 * thread of its own answers the ioctls in the kernel's place (SECCOMP_RET_USER_NOTIF), as the script says behind `=`.
 *
 *   open PATH; close FD; dup FD; dup2 FD FD; read FD COUNT; write FD HEX; poll FD
 *   ioctl FD NR HEX [b OFFSET HEX]... [= RET ERRNO HEX [o HEX]...]
 *   queue          a pipe at the lowest free descriptor; fill HEX writes into the last one, drain FD empties it
 *   memory VA LENGTH; map FD LENGTH; unmap    the last mapping
 *   fork | pass FD | thread ... end           what another process or thread does; pass hands a descriptor over first
 *   exec                                      /bin/true in place of this
 *   loop FD NR TIMES
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define HIGH 500

static const char *root;
static int playing;
static char *lines[20000];
static int count;
static int filling = -1, sink = -1;
static void *mapped;
static size_t mapped_size;

/* What the next ioctl is answered. */
static struct {
	int64_t ret;
	int error;
	uint8_t *out, *to;
	size_t size;
	uint8_t *buffers[4], *targets[4];
	size_t sizes[4];
	int count;
} answer;

static size_t bytes_of(const char *hex, uint8_t **bytes)
{
	size_t size = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2;

	*bytes = calloc(1, size + 1);
	for (size_t at = 0; at < size; at++)
		sscanf(hex + 2 * at, "%2hhx", *bytes + at);
	return size;
}

static void *answer_all(void *given)
{
	int listener = *(int *)given;

	for (;;) {
		struct seccomp_notif asked = { 0 };
		struct seccomp_notif_resp said = { 0 };

		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0)
			return NULL;
		said.id = asked.id;
		said.val = answer.ret < 0 ? 0 : answer.ret;
		said.error = answer.ret < 0 ? -answer.error : 0;
		memcpy(answer.to, answer.out, answer.size);
		for (int at = 0; at < answer.count; at++)
			memcpy(answer.targets[at], answer.buffers[at], answer.sizes[at]);
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &said);
	}
}

static int listener = -1;

static void *wait_for_listener(void *unused)
{
	(void)unused;
	while (__atomic_load_n(&listener, __ATOMIC_ACQUIRE) < 0)
		usleep(100);
	return answer_all(&listener);
}

static void play(void)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + 8),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff00),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ';' << 8, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog all = { sizeof(program) / sizeof(program[0]), program };
	pthread_t thread;
	int fd;

	pthread_create(&thread, NULL, wait_for_listener, NULL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &all);
	if (fd < 0) {
		perror("seccomp");
		exit(3);
	}
	__atomic_store_n(&listener, fcntl(fd, F_DUPFD_CLOEXEC, HIGH), __ATOMIC_RELEASE);
	close(fd);
}

static int run(int at, int end);

static void *run_thread(void *given)
{
	int *range = given;

	run(range[0], range[1]);
	return NULL;
}

static int end_of(int at)
{
	int depth = 0;

	for (; at < count; at++) {
		if (strncmp(lines[at], "fork", 4) == 0 || strncmp(lines[at], "pass", 4) == 0 ||
		    strncmp(lines[at], "thread", 6) == 0)
			depth++;
		if (strcmp(lines[at], "end") == 0 && depth-- == 0)
			return at;
	}
	return count;
}

static void make_ioctl(int fd, char *rest)
{
	uint8_t *in, *buffers[4], *content;
	size_t offsets[4], sizes[4], size;
	int pointers = 0;
	char *word = strtok(rest, " ");
	unsigned long nr = strtoul(word, NULL, 16);

	size = bytes_of(strtok(NULL, " "), &in);
	answer.count = 0;
	answer.size = 0;
	while ((word = strtok(NULL, " ")) != NULL && strcmp(word, "b") == 0) {
		offsets[pointers] = strtoul(strtok(NULL, " "), NULL, 0);
		sizes[pointers] = bytes_of(strtok(NULL, " "), &content);
		buffers[pointers++] = content;
	}
	for (int each = 0; each < pointers; each++) {
		uint64_t address = (uintptr_t)buffers[each];

		memcpy(in + offsets[each], &address, 8);
	}
	if (word != NULL) {
		answer.ret = atoll(strtok(NULL, " "));
		answer.error = atoi(strtok(NULL, " "));
		answer.size = bytes_of(strtok(NULL, " "), &answer.out);
		answer.to = in;
		/* Pointers stay what they were. */
		for (int each = 0; each < pointers; each++)
			memcpy(answer.out + offsets[each], in + offsets[each], 8);
		while ((word = strtok(NULL, " ")) != NULL && strcmp(word, "o") == 0) {
			answer.sizes[answer.count] = bytes_of(strtok(NULL, " "), &answer.buffers[answer.count]);
			answer.targets[answer.count] = buffers[answer.count];
			answer.count++;
		}
	}
	(void)sizes;
	(void)size;
	syscall(SYS_ioctl, fd, 0x3b00 | nr, in);
}

static void pass(int fd, int at, int end)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte = 0;
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	int pair[2], high[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		exit(3);
	for (int each = 0; each < 2; each++) {
		high[each] = fcntl(pair[each], F_DUPFD, HIGH);
		close(pair[each]);
	}
	if (fork() == 0) {
		/* It has what it is handed, and nothing else of its parent's. */
		syscall(SYS_close_range, 3, HIGH - 1, 0);
		if (recvmsg(high[1], &message, 0) != 1)
			_exit(3);
		_exit(run(at, end));
	}
	*CMSG_FIRSTHDR(&message) = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &fd, sizeof(int));
	if (sendmsg(high[0], &message, 0) != 1)
		exit(3);
	close(high[0]);
	close(high[1]);
	wait(NULL);
}

static int run(int at, int end)
{
	static char bytes[65536];

	for (; at < end; at++) {
		char *line = strdup(lines[at]);
		char *word = strtok(line, " ");
		char *first = strtok(NULL, " ");
		int fd = first == NULL ? -1 : atoi(first);

		if (!playing && (strcmp(word, "queue") == 0 || strcmp(word, "fill") == 0 || strcmp(word, "drain") == 0)) {
			/* Where a kernel answers, it has queues of its own. */
		} else if (strcmp(word, "open") == 0) {
			snprintf(bytes, sizeof(bytes), "%s%s", root, first);
			if (open(bytes, O_RDWR) < 0 && errno != ENOENT)
				return 3;
		} else if (strcmp(word, "ioctl") == 0) {
			char *rest = line + strlen(word) + strlen(first) + 2;

			make_ioctl(fd, rest);
		} else if (strcmp(word, "loop") == 0) {
			unsigned long nr = strtoul(strtok(NULL, " "), NULL, 16);
			uint32_t id[2] = { 8, 1 };

			for (int times = atoi(strtok(NULL, " ")); times > 0; times--)
				syscall(SYS_ioctl, fd, 0x3b00 | nr, id);
		} else if (strcmp(word, "close") == 0) {
			close(fd);
		} else if (strcmp(word, "dup") == 0) {
			if (dup(fd) < 0)
				return 3;
		} else if (strcmp(word, "dup2") == 0) {
			if (dup2(fd, atoi(strtok(NULL, " "))) < 0)
				return 3;
		} else if (strcmp(word, "queue") == 0) {
			int pair[2];

			if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) != 0)
				return 3;
			filling = fcntl(pair[1], F_DUPFD_CLOEXEC, HIGH);
			close(pair[1]);
		} else if (strcmp(word, "fill") == 0) {
			uint8_t *content;
			size_t size = bytes_of(first, &content);

			if (write(filling, content, size) != (ssize_t)size)
				return 3;
		} else if (strcmp(word, "drain") == 0) {
			/* Not by read(), which is recorded. */
			if (splice(fd, NULL, sink, NULL, 65536, SPLICE_F_NONBLOCK) < -1)
				return 3;
		} else if (strcmp(word, "read") == 0) {
			if (read(fd, bytes, (size_t)atoi(strtok(NULL, " "))) < -1)
				return 3;
		} else if (strcmp(word, "write") == 0) {
			uint8_t *content;
			size_t size = bytes_of(strtok(NULL, " "), &content);

			if (write(fd, content, size) < -1)
				return 3;
		} else if (strcmp(word, "poll") == 0) {
			struct pollfd entry = { fd, POLLIN, 0 };

			poll(&entry, 1, 0);
		} else if (strcmp(word, "memory") == 0) {
			mmap((void *)strtoul(first, NULL, 0), strtoul(strtok(NULL, " "), NULL, 0),
			     PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		} else if (strcmp(word, "map") == 0) {
			mapped_size = strtoul(strtok(NULL, " "), NULL, 0);
			mapped = mmap(NULL, mapped_size, PROT_READ, MAP_SHARED, fd, 0);
		} else if (strcmp(word, "unmap") == 0) {
			munmap(mapped, mapped_size);
		} else if (strcmp(word, "fork") == 0) {
			if (fork() == 0)
				_exit(run(at + 1, end_of(at + 1)));
			wait(NULL);
			at = end_of(at + 1);
		} else if (strcmp(word, "pass") == 0) {
			pass(fd, at + 1, end_of(at + 1));
			at = end_of(at + 1);
		} else if (strcmp(word, "thread") == 0) {
			int range[2] = { at + 1, end_of(at + 1) };
			pthread_t thread;

			pthread_create(&thread, NULL, run_thread, range);
			pthread_join(thread, NULL);
			at = range[1];
		} else if (strcmp(word, "exec") == 0) {
			execl("/bin/true", "true", NULL);
		} else {
			fprintf(stderr, "player: %s?\n", word);
			return 3;
		}
		free(line);
	}
	return 0;
}

int main(int argc, char **argv)
{
	char text[65536];

	sink = fcntl(open("/dev/null", O_WRONLY), F_DUPFD_CLOEXEC, HIGH);
	close(3);
	root = getenv("ROOT") == NULL ? "" : getenv("ROOT");
	playing = argc > 1 && strcmp(argv[1], "play") == 0;
	if (playing)
		play();
	while (count < 20000 && fgets(text, sizeof(text), stdin) != NULL) {
		text[strcspn(text, "\n")] = 0;
		if (text[0] != 0)
			lines[count++] = strdup(text);
	}
	return run(0, count);
}
