/*
 * What is written of a call. Its struct and its buffers are read before the kernel gets it and after; only what
 * tables.c declares is.
 */
#include "recorder.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/kcmp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define VFIO_TYPE ';'
/* The first fields of a struct are all that says which descriptor a call makes. */
#define GROUP_GET_DEVICE_FD 0x6a
#define BIND 0x76
#define IOAS_MAP 0x85
#define FAULT_QUEUE_ALLOC 0x8e
#define VEVENTQ_ALLOC 0x93
#define FAULT_FD_AT 12
#define VEVENTQ_FD_AT 24
/* VFIO_PCI_OFFSET_SHIFT: a region's number is in the upper bits of its offset. */
#define REGION_SHIFT 40
#define MAX_RIGHTS 64

static const char *without_root(const char *path)
{
	size_t root = strlen(options.root);

	return root > 0 && strncmp(path, options.root, root) == 0 ? path + root : path;
}

static uint64_t number_in(const uint8_t *bytes, size_t size, struct field field)
{
	uint64_t value = 0;

	for (int at = field.width - 1; at >= 0; at--)
		value = value << 8 | (field.offset + (size_t)at < size ? bytes[field.offset + at] : 0);
	return value;
}

static size_t length_of(const struct pointer *pointer, const uint8_t *in, size_t size)
{
	uint64_t length = pointer->each;

	if (pointer->first.width > 0) {
		uint64_t first = number_in(in, size, pointer->first);

		length = first > MAX_BUFFER * 64 * 4096ull ? MAX_BUFFER : length * first;
	}
	if (pointer->second.width > 0) {
		uint64_t second = number_in(in, size, pointer->second);

		length = second > MAX_BUFFER ? MAX_BUFFER : length * second;
	}
	if (pointer->divisor.width > 0) {
		uint64_t divisor = number_in(in, size, pointer->divisor);

		length = (length + (divisor ? divisor : 1) - 1) / (divisor ? divisor : 1);
	}
	if (pointer->bits)
		length = (length + 7) / 8;
	return length > MAX_BUFFER ? MAX_BUFFER : (size_t)length;
}

static enum on on_of(enum kind kind)
{
	return kind == DEVICE ? ON_DEVICE : kind == IOMMUFD ? ON_IOMMUFD : ON_CONTAINER;
}

static const struct call *call_of(enum kind kind, uint8_t nr)
{
	for (size_t at = 0; at < CALL_COUNT; at++)
		if (CALLS[at].on == on_of(kind) && CALLS[at].nr == nr)
			return &CALLS[at];
	return NULL;
}

static void read_struct(struct thread *thread, struct pending *pending)
{
	const struct call *call = pending->call;
	uint64_t address = pending->args[2];
	size_t size = call->size;

	if (call->sized) {
		uint32_t said = 0;

		if (peek(thread->tid, address, &said, sizeof(said)) < sizeof(said))
			return;
		size = said > MAX_STRUCT ? MAX_STRUCT : said;
	}
	pending->in_size = peek(thread->tid, address, pending->in, size);
	for (int at = 0; at < call->pointers; at++) {
		const struct pointer *pointer = &call->pointer[at];
		uint64_t to = number_in(pending->in, pending->in_size, (struct field){ pointer->offset, 8 });
		size_t length = length_of(pointer, pending->in, pending->in_size);

		pending->buffer[at] = NULL;
		pending->buffer_size[at] = 0;
		if (to == 0 || pointer->offset + 8u > pending->in_size)
			continue;
		pending->buffer[at] = malloc(length + 1);
		if (pending->buffer[at] == NULL)
			fail(2, "no memory");
		pending->buffer_size[at] = peek(thread->tid, to, pending->buffer[at], length);
		if (length > 0 && pending->buffer_size[at] == 0) {
			free(pending->buffer[at]);
			pending->buffer[at] = NULL;
		}
	}
}

/* Where a pointer was: 0, or 1 where it led nowhere. Addresses of the process are not told. */
static void hide_pointers(const struct pending *pending, uint8_t *bytes, size_t size)
{
	for (int at = 0; at < pending->call->pointers; at++) {
		size_t offset = pending->call->pointer[at].offset;
		bool lost;

		if (offset + 8 > size)
			continue;
		lost = pending->buffer[at] == NULL &&
		       number_in(pending->in, pending->in_size, (struct field){ (uint16_t)offset, 8 }) != 0;
		memset(bytes + offset, 0, 8);
		bytes[offset] = lost;
	}
}

static void put_ioctl(struct thread *thread, struct pending *pending, int64_t value)
{
	const struct call *call = pending->call;
	uint8_t nr = (uint8_t)pending->args[1];
	uint8_t after[MAX_STRUCT], before[MAX_STRUCT];
	size_t size = 0;
	char text[8];

	if (pending->kind == IOMMUFD && nr == IOAS_MAP && pending->in_size >= 32)
		tell_memory(thread, number_in(pending->in, 40, (struct field){ 16, 8 }),
			    number_in(pending->in, 40, (struct field){ 24, 8 }));
	begin_line("ioctl", thread);
	put_number("begin", (int64_t)pending->begin);
	put_number("flight", in_flight);
	put_number("fd", pending->fd);
	put_text("name", call == NULL ? "?" : call->name);
	snprintf(text, sizeof(text), "0x%02x", nr);
	put_text("nr", text);
	if (call != NULL && call->number)
		put_number("arg", (uint32_t)pending->args[2]);
	if (pending->in_size > 0)
		size = peek(thread->tid, pending->args[2], after, pending->in_size);
	memcpy(before, pending->in, pending->in_size);
	if (call != NULL) {
		hide_pointers(pending, before, pending->in_size);
		hide_pointers(pending, after, size);
	}
	put_hex("in", before, pending->in_size);
	put_hex("out", after, size);
	if (call != NULL && call->pointers > 0) {
		const char *separator = "";

		fputs(",\"bufs\":[", out);
		for (int at = 0; at < call->pointers; at++) {
			const struct pointer *pointer = &call->pointer[at];

			if (pending->buffer[at] == NULL)
				continue;
			fprintf(out, "%s{\"off\":%u,\"in\":\"", separator, pointer->offset);
			separator = ",";
			if (pointer->secret)
				fprintf(out, "+%zu", pending->buffer_size[at]);
			else
				put_hex(NULL, pending->buffer[at], pending->buffer_size[at]);
			fputc('"', out);
			if ((pointer->direction & OUT) != 0) {
				uint64_t to = number_in(pending->in, pending->in_size,
							(struct field){ pointer->offset, 8 });

				peek(thread->tid, to, pending->buffer[at], pending->buffer_size[at]);
				put_hex("out", pending->buffer[at], pending->buffer_size[at]);
			}
			fputc('}', out);
			free(pending->buffer[at]);
			pending->buffer[at] = NULL;
		}
		fputc(']', out);
	}
	put_return(value);
	end_line();
	if (value < 0)
		return;
	if (pending->kind == GROUP && nr == GROUP_GET_DEVICE_FD)
		files_set(thread->process->files, (int)value, DEVICE);
	if (pending->kind == IOMMUFD && nr == VEVENTQ_ALLOC && size >= VEVENTQ_FD_AT + 4)
		files_set(thread->process->files, (int)number_in(after, size, (struct field){ VEVENTQ_FD_AT, 4 }), QUEUE);
	if (pending->kind == IOMMUFD && nr == FAULT_QUEUE_ALLOC && size >= FAULT_FD_AT + 4)
		files_set(thread->process->files, (int)number_in(after, size, (struct field){ FAULT_FD_AT, 4 }), QUEUE);
}

static bool ioctl_begins(struct thread *thread, struct pending *pending)
{
	const uint64_t *args = pending->args;

	if (((args[1] >> 8) & 0xff) != VFIO_TYPE)
		return false;
	pending->fd = (int)args[0];
	pending->kind = files_kind(thread->process, pending->fd);
	if (!is_recorded(pending->kind))
		return false;
	pending->call = call_of(pending->kind, (uint8_t)args[1]);
	pending->in_size = 0;
	if (pending->call != NULL && !pending->call->number)
		read_struct(thread, pending);
	return true;
}

static bool open_begins(struct thread *thread, struct pending *pending, uint64_t address)
{
	if (!peek_string(thread->tid, address, pending->path, sizeof(pending->path)))
		return false;
	/* What a relative path leads to is known when it is open. */
	return pending->path[0] != '/' || is_recorded(kind_of_path(without_root(pending->path)));
}

static void open_ends(struct thread *thread, const struct pending *pending, int64_t value)
{
	const char *path = without_root(pending->path);
	char link[4096];
	enum kind kind;

	if (value >= 0 && pending->path[0] != '/') {
		if (!link_of(thread->process->pid, (int)value, link, sizeof(link)))
			return;
		path = link;
	}
	kind = kind_of_path(path);
	if (value >= 0)
		files_set(thread->process->files, (int)value, kind);
	if (!is_recorded(kind))
		return;
	begin_line("open", thread);
	put_number("begin", (int64_t)pending->begin);
	put_number("flight", in_flight);
	put_text("path", path);
	put_return(value);
	end_line();
}

static void put_close(struct thread *thread, int fd, int64_t value, const char *note)
{
	bool known = is_recorded(files_kind(thread->process, fd));

	files_set(thread->process->files, fd, UNKNOWN);
	if (!known)
		return;
	begin_line("close", thread);
	put_number("fd", fd);
	put_return(value);
	if (note != NULL)
		put_text("note", note);
	end_line();
}

static void put_dup(struct thread *thread, int fd, int64_t value)
{
	enum kind kind = files_kind(thread->process, fd);

	if (value < 0 || fd == value)
		return;
	/* What dup2() closes was looked up when it began. */
	if (value < thread->process->files->size && is_recorded(thread->process->files->kinds[value]))
		put_close(thread, (int)value, 0, "dup2()");
	files_set(thread->process->files, (int)value, kind);
	if (!is_recorded(kind))
		return;
	begin_line("dup", thread);
	put_number("fd", fd);
	put_return(value);
	end_line();
}

static void put_close_range(struct thread *thread, const struct pending *pending, int64_t value)
{
	struct files *files = thread->process->files;

	/* CLOSE_RANGE_UNSHARE and CLOSE_RANGE_CLOEXEC: a table of its own; closed later, if at all. */
	if (value != 0 || (pending->args[2] & 4) != 0)
		return;
	for (uint64_t fd = (uint32_t)pending->args[0]; fd < (uint64_t)files->size; fd++)
		if (fd <= (uint32_t)pending->args[1] && files->kinds[fd] != UNKNOWN)
			put_close(thread, (int)fd, 0, "close_range()");
}

static size_t gather(struct thread *thread, const struct pending *pending, bool vector, uint8_t *to, size_t most)
{
	size_t done = 0;

	if (!vector)
		return peek(thread->tid, pending->args[1], to, pending->args[2] < most ? (size_t)pending->args[2] : most);
	for (uint64_t at = 0; at < pending->args[2] && at < 64 && done < most; at++) {
		struct iovec part;
		size_t wanted;

		if (peek(thread->tid, pending->args[1] + at * sizeof(part), &part, sizeof(part)) < sizeof(part))
			break;
		wanted = part.iov_len < most - done ? part.iov_len : most - done;
		if (peek(thread->tid, (uint64_t)(uintptr_t)part.iov_base, to + done, wanted) < wanted)
			break;
		done += wanted;
	}
	return done;
}

static uint64_t room_of(struct thread *thread, const struct pending *pending, bool vector)
{
	uint64_t room = 0;

	if (!vector)
		return pending->args[2];
	for (uint64_t at = 0; at < pending->args[2] && at < 1024; at++) {
		struct iovec part;

		if (peek(thread->tid, pending->args[1] + at * sizeof(part), &part, sizeof(part)) < sizeof(part))
			break;
		room += part.iov_len;
	}
	return room;
}

static void put_transfer(struct thread *thread, const struct pending *pending, int64_t value, bool reads, bool vector)
{
	static uint8_t bytes[MAX_BUFFER];
	size_t size = 0;

	if (!reads || value > 0)
		size = gather(thread, pending, vector, bytes,
			      reads ? (size_t)value < sizeof(bytes) ? (size_t)value : sizeof(bytes) : sizeof(bytes));
	begin_line(reads ? "read" : "write", thread);
	put_number("fd", pending->fd);
	put_number("count", (int64_t)room_of(thread, pending, vector));
	put_return(value);
	put_hex("hex", bytes, size);
	end_line();
}

static void put_poll(struct thread *thread, const struct pending *pending, int64_t value)
{
	struct pollfd entries[MAX_POLL];
	size_t count = pending->args[1] < MAX_POLL ? (size_t)pending->args[1] : MAX_POLL;

	if (value < 0)
		return;
	count = peek(thread->tid, pending->args[0], entries, count * sizeof(entries[0])) / sizeof(entries[0]);
	for (size_t at = 0; at < count; at++) {
		if (files_kind(thread->process, entries[at].fd) != QUEUE || entries[at].events == 0)
			continue;
		/* That nothing was there is told by the reads that there are. */
		if (entries[at].revents == 0)
			continue;
		begin_line("poll", thread);
		put_number("fd", entries[at].fd);
		put_address("events", (uint16_t)entries[at].events);
		put_number("ret", entries[at].revents != 0);
		put_address("revents", (uint16_t)entries[at].revents);
		end_line();
	}
}

static bool poll_begins(struct thread *thread, const struct pending *pending)
{
	struct pollfd entries[MAX_POLL];
	size_t count = pending->args[1] < MAX_POLL ? (size_t)pending->args[1] : MAX_POLL;

	count = peek(thread->tid, pending->args[0], entries, count * sizeof(entries[0])) / sizeof(entries[0]);
	for (size_t at = 0; at < count; at++)
		if (files_kind(thread->process, entries[at].fd) == QUEUE)
			return true;
	return false;
}

static void put_mmap(struct thread *thread, const struct pending *pending, uint64_t address)
{
	uint64_t region = pending->args[5] >> REGION_SHIFT;

	map_device(thread->process, address, pending->args[1]);
	begin_line("mmap", thread);
	put_address("va", address);
	put_address("len", pending->args[1]);
	put_number("fd", (int)pending->args[4]);
	if (region <= 5)
		put_number("bar", (int64_t)region);
	end_line();
}

static struct process *processes;

/* The descriptor of a process, and which process, that is the same open file; false where the kernel does not say. */
static bool original_of(pid_t pid, int fd, enum kind kind, struct process **process, int *original)
{
	for (*process = processes; *process != NULL; *process = (*process)->next) {
		const struct files *files = (*process)->files;

		for (*original = 0; *original < files->size; (*original)++) {
			if (files->kinds[*original] != kind || ((*process)->pid == pid && *original == fd))
				continue;
			if (syscall(SYS_kcmp, pid, (*process)->pid, KCMP_FILE, fd, *original) == 0)
				return true;
		}
	}
	return false;
}

static void put_received(struct thread *thread, int fd)
{
	struct process *from;
	char path[4096];
	enum kind kind;
	int original;

	files_set(thread->process->files, fd, UNKNOWN);
	kind = files_kind(thread->process, fd);
	if (!is_recorded(kind) || !link_of(thread->process->pid, fd, path, sizeof(path)))
		return;
	begin_line("receive", thread);
	put_number("fd", fd);
	put_text("path", path);
	if (original_of(thread->process->pid, fd, kind, &from, &original)) {
		put_number("from_pid", from->pid);
		put_number("from_fd", original);
	}
	end_line();
}

static void receive_ends(struct thread *thread, const struct pending *pending)
{
	struct msghdr message;
	uint8_t control[CMSG_SPACE(MAX_RIGHTS * sizeof(int)) * 2];
	size_t size;

	if (peek(thread->tid, pending->args[1], &message, sizeof(message)) < sizeof(message))
		return;
	size = message.msg_controllen < sizeof(control) ? message.msg_controllen : sizeof(control);
	message.msg_controllen = peek(thread->tid, (uint64_t)(uintptr_t)message.msg_control, control, size);
	message.msg_control = control;
	for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); at != NULL; at = CMSG_NXTHDR(&message, at)) {
		if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t next = 0; CMSG_LEN((next + 1) * sizeof(int)) <= at->cmsg_len; next++) {
			int fd;

			memcpy(&fd, CMSG_DATA(at) + next * sizeof(int), sizeof(int));
			put_received(thread, fd);
		}
	}
}

bool call_begins(struct thread *thread, long nr, const uint64_t args[6])
{
	struct pending *pending = thread->pending;
	bool wanted = false, counted = false;

	if (pending == NULL) {
		pending = thread->pending = calloc(1, sizeof(*pending));
		if (pending == NULL)
			fail(2, "no memory");
	}
	pending->nr = nr;
	memcpy(pending->args, args, sizeof(pending->args));
	pending->begin = lines;
	pending->fd = (int)args[0];
	pending->call = NULL;
	switch (nr) {
	case SYS_ioctl:
		counted = wanted = ioctl_begins(thread, pending);
		break;
#ifdef SYS_open
	case SYS_open:
		counted = wanted = open_begins(thread, pending, args[0]);
		break;
#endif
	case SYS_openat:
	case SYS_openat2:
		counted = wanted = open_begins(thread, pending, args[1]);
		break;
	case SYS_close:
		wanted = is_recorded(files_kind(thread->process, pending->fd));
		/* Another may get the number before the end of this call is seen. */
		if (!wanted)
			files_set(thread->process->files, pending->fd, UNKNOWN);
		counted = wanted;
		break;
	case SYS_close_range:
		wanted = true;
		break;
#ifdef SYS_dup2
	case SYS_dup2:
#endif
	case SYS_dup3:
		files_kind(thread->process, (int)args[1]);
		wanted = true;
		break;
	case SYS_dup:
		wanted = true;
		break;
	case SYS_fcntl:
		wanted = args[1] == F_DUPFD || args[1] == F_DUPFD_CLOEXEC;
		break;
	case SYS_write:
		if (args[0] == 1 || args[0] == 2)
			hear(thread, (int)args[0], args[1], args[2]);
		wanted = files_kind(thread->process, pending->fd) == QUEUE;
		break;
	case SYS_writev:
		for (uint64_t at = 0; (args[0] == 1 || args[0] == 2) && at < args[2] && at < 64; at++) {
			struct iovec part;

			if (peek(thread->tid, args[1] + at * sizeof(part), &part, sizeof(part)) == sizeof(part))
				hear(thread, (int)args[0], (uint64_t)(uintptr_t)part.iov_base, part.iov_len);
		}
		wanted = files_kind(thread->process, pending->fd) == QUEUE;
		break;
	case SYS_read:
	case SYS_readv:
		wanted = files_kind(thread->process, pending->fd) == QUEUE;
		break;
#ifdef SYS_poll
	case SYS_poll:
#endif
	case SYS_ppoll:
		wanted = poll_begins(thread, pending);
		break;
	case SYS_mmap:
		wanted = (args[3] & MAP_ANONYMOUS) == 0 && files_kind(thread->process, (int)args[4]) == DEVICE;
		break;
	case SYS_munmap:
		wanted = thread->process->mappings != NULL;
		break;
	case SYS_recvmsg:
	case SYS_pidfd_getfd:
		wanted = true;
		break;
	default:
		break;
	}
	thread->in_call = wanted;
	if (counted)
		in_flight++;
	return wanted;
}

void call_ends(struct thread *thread, int64_t value, bool is_error)
{
	struct pending *pending = thread->pending;

	if (!thread->in_call || pending == NULL)
		return;
	thread->in_call = false;
	switch (pending->nr) {
	case SYS_ioctl:
		in_flight--;
		put_ioctl(thread, pending, value);
		break;
#ifdef SYS_open
	case SYS_open:
#endif
	case SYS_openat:
	case SYS_openat2:
		in_flight--;
		open_ends(thread, pending, value);
		break;
	case SYS_close:
		in_flight--;
		put_close(thread, pending->fd, value, NULL);
		break;
	case SYS_close_range:
		put_close_range(thread, pending, value);
		break;
#ifdef SYS_dup2
	case SYS_dup2:
#endif
	case SYS_dup3:
	case SYS_dup:
	case SYS_fcntl:
		put_dup(thread, pending->fd, value);
		break;
	case SYS_read:
	case SYS_readv:
		put_transfer(thread, pending, value, true, pending->nr == SYS_readv);
		break;
	case SYS_write:
	case SYS_writev:
		put_transfer(thread, pending, value, false, pending->nr == SYS_writev);
		break;
#ifdef SYS_poll
	case SYS_poll:
#endif
	case SYS_ppoll:
		put_poll(thread, pending, value);
		break;
	case SYS_mmap:
		if (!is_error)
			put_mmap(thread, pending, (uint64_t)value);
		break;
	case SYS_munmap:
		if (!is_error && unmap_device(thread->process, pending->args[0], pending->args[1])) {
			begin_line("munmap", thread);
			put_address("va", pending->args[0]);
			put_address("len", pending->args[1]);
			end_line();
		}
		break;
	case SYS_recvmsg:
		if (!is_error)
			receive_ends(thread, pending);
		break;
	case SYS_pidfd_getfd:
		if (!is_error)
			put_received(thread, (int)value);
		break;
	default:
		break;
	}
}

static bool has_files(const struct process *process)
{
	for (int fd = 0; fd < process->files->size; fd++)
		if (is_recorded(process->files->kinds[fd]))
			return true;
	return false;
}

void process_forked(struct thread *parent, struct process *child, bool shared)
{
	child->next = processes;
	processes = child;
	if (parent == NULL || !has_files(child))
		return;
	begin_line("fork", parent);
	put_number("ret", child->pid);
	put_number("errno", 0);
	put_text("files", shared ? "shared" : "copied");
	end_line();
}

/* Another program runs in the process: what is close-on-exec is closed, and what was mapped is gone. */
void process_executed(struct thread *thread)
{
	struct process *process = thread->process;
	struct files *files = process->files;
	char path[4096], link[4096], name[64];
	bool had = process->seen || has_files(process);
	ssize_t length;

	/* execve() gives a process a table of its own. */
	if (files->users > 1) {
		process->files = files_copy(files);
		files_release(files);
		files = process->files;
	}
	forget_mappings(process);
	for (int fd = 0; fd < files->size; fd++)
		if (files->kinds[fd] != UNKNOWN && !link_of(process->pid, fd, link, sizeof(link)))
			put_close(thread, fd, 0, "close-on-exec");
	snprintf(name, sizeof(name), "/proc/%d/exe", process->pid);
	length = readlink(name, path, sizeof(path) - 1);
	path[length < 0 ? 0 : length] = 0;
	if (!had)
		return;
	begin_line("execve", thread);
	put_text("path", path);
	put_number("ret", 0);
	put_number("errno", 0);
	end_line();
}

void process_ended(struct thread *thread, int status)
{
	struct process *process = thread->process;
	struct process **at = &processes;

	if (process->seen || has_files(process)) {
		begin_line("exit", thread);
		put_number("status", status);
		end_line();
	}
	while (*at != NULL && *at != process)
		at = &(*at)->next;
	if (*at != NULL)
		*at = process->next;
	forget_mappings(process);
	forget_sayings(process);
	files_release(process->files);
	free(process);
}

void process_found(struct thread *thread)
{
	for (int fd = 0; fd < 1 << 16; fd++) {
		char path[4096];
		enum kind kind;

		if (!link_of(thread->process->pid, fd, path, sizeof(path)))
			continue;
		kind = kind_of_path(path);
		files_set(thread->process->files, fd, kind);
		if (!is_recorded(kind))
			continue;
		begin_line("found", thread);
		put_number("fd", fd);
		put_text("path", path);
		end_line();
	}
}
