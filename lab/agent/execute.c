/* One operation, in the worker. What it reads and writes lies between pages that are not there. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 65536UL /* no page is larger on arm64 and x86-64 */
#define ROOM (MAX_BUFFER + PAGE)
#define SLOTS (MAX_BUFFERS + 1)
#define MAX_EVENTFDS 64

/* Far from where processes usually have something, so that addresses of the batch are free. */
static uint8_t *const arena = (uint8_t *)0x600000000000;
static __thread sigjmp_buf recover;
/* Every thread has places of its own in it. */
static __thread int thread_number;
static int eventfds[MAX_EVENTFDS];
static int eventfd_count;

/* Buffers end where a page ends, and behind that nothing is mapped: what reads too far is seen. */
static uint8_t *place(int slot, const uint8_t *bytes, uint32_t length, int readonly)
{
	uint8_t *start = arena + (size_t)(thread_number * SLOTS + slot) * (ROOM + PAGE);
	uint8_t *at = start + ROOM - length;

	mprotect(start, ROOM, PROT_READ | PROT_WRITE);
	memcpy(at, bytes, length);
	if (readonly)
		mprotect(start, ROOM, PROT_READ);
	return at;
}

static void caught(int signal)
{
	(void)signal;
	siglongjmp(recover, 1);
}

void prepare_worker(void)
{
	struct sigaction action = { .sa_handler = caught, .sa_flags = SA_NODEFER };

	eventfd_count = 0;
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	mmap(arena, (MAX_THREADS + 1) * SLOTS * (ROOM + PAGE), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

void prepare_thread(int thread)
{
	thread_number = thread;
}

static uint64_t little_endian(const uint8_t *bytes, int width)
{
	uint64_t value = 0;

	for (int i = width - 1; i >= 0; i--)
		value = value << 8 | bytes[i];
	return value;
}

static uint64_t resolve(const struct value *value)
{
	const struct answer *answer;

	if (value->from < 0)
		return value->number;
	answer = &results->answer[value->from];
	if (answer->state != DONE || answer->ret < 0)
		return NEVER;
	if (value->at < 0)
		return (uint64_t)answer->ret;
	if ((uint32_t)(value->at + value->width) > answer->length)
		return NEVER;
	return little_endian(results->output + answer->out + value->at, value->width);
}

static uint32_t keep(const uint8_t *bytes, uint32_t length)
{
	uint32_t at = __atomic_fetch_add(&results->used, length, __ATOMIC_RELAXED);

	if (at > MAX_OUTPUT || length > MAX_OUTPUT - at)
		_exit(3); /* the supervisor reports what was answered until here */
	memcpy(results->output + at, bytes, length);
	return at;
}

/* Only what concerns iommufd and VFIO is ever called, and a device by its name only if it was named. */
static int may_call(unsigned long request, const uint8_t *bytes, uint32_t length)
{
	if ((request >> 8 & 0xff) != ';' || request > 0xffffffff)
		return 0;
	if ((request & 0xff) != 0x6a)
		return 1;
	if (length == 0 || length > 64 || bytes[length - 1])
		return 0;
	return device_by_name((const char *)bytes) >= 0;
}

/* The agent's own three descriptors are not the batch's: what is asked of them is not done. */
static int is_own(int fd, struct answer *answer)
{
	if (fd < 0 || fd > 2)
		return 0;
	answer->state = REFUSED;
	return 1;
}

static int64_t do_ioctl(const struct op *op, struct answer *answer)
{
	static __thread uint8_t bytes[MAX_STRUCT];
	uint8_t *at, *buffer[MAX_BUFFERS];
	unsigned long request = resolve(&op->arg[1]);
	int fd = (int)resolve(&op->arg[0]);
	int64_t ret;

	if (is_own(fd, answer))
		return -1;
	if (op->direct) {
		if (!may_call(request, NULL, 0)) {
			answer->state = REFUSED;
			return -1;
		}
		return backend->ioctl(fd, request, (void *)(uintptr_t)resolve(&op->arg[2]));
	}
	memcpy(bytes, batch.input + op->data, op->length);
	for (int i = 0; i < op->patches; i++) {
		uint64_t value = resolve(&op->patch[i].value);

		memcpy(bytes + op->patch[i].offset, &value, op->patch[i].width);
	}
	if (!may_call(request, bytes, op->length)) {
		answer->state = REFUSED;
		return -1;
	}
	for (int i = 0; i < op->buffers; i++) {
		uint64_t address;

		buffer[i] = place(i + 1, batch.input + op->buffer[i].data, op->buffer[i].length, 0);
		address = (uint64_t)(uintptr_t)buffer[i];
		memcpy(bytes + op->buffer[i].offset, &address, 8);
	}
	at = place(0, bytes, op->length, op->readonly);
	ret = backend->ioctl(fd, request, at);
	int error = errno;

	memcpy(bytes, at, op->length);
	/* Addresses are the agent's own; they are the same in every run and say nothing. */
	for (int i = 0; i < op->buffers; i++)
		memset(bytes + op->buffer[i].offset, 0, 8);
	answer->out = keep(bytes, op->length);
	answer->length = op->length;
	answer->buffers = op->buffers;
	for (int i = 0; i < op->buffers; i++)
		answer->buffer[i] = keep(buffer[i], op->buffer[i].length);
	errno = error;
	return ret;
}

static void copy_volatile(volatile uint8_t *to, const volatile uint8_t *from, uint64_t length)
{
	/* Word by word where both allow it: registers and descriptors are looked at by others meanwhile. */
	uint64_t done = 0;

	for (; done + 8 <= length && !(((uintptr_t)(to + done) | (uintptr_t)(from + done)) & 7); done += 8)
		*(volatile uint64_t *)(to + done) = *(const volatile uint64_t *)(from + done);
	for (; done < length; done++)
		to[done] = from[done];
}

/* Memory of the process, or a device's registers. */
static int64_t touch(const struct op *op, struct answer *answer)
{
	static __thread uint8_t bytes[MAX_BUFFER] __attribute__((aligned(8)));
	uint8_t *va = (uint8_t *)(uintptr_t)resolve(&op->arg[0]);
	uint64_t length = op->kind == OP_STORE ? op->length : resolve(&op->arg[1]);

	if (op->kind == OP_FILL) {
		memset(va, (int)resolve(&op->arg[2]), length);
		return 0;
	}
	if (length > MAX_BUFFER) {
		errno = EINVAL;
		return -1;
	}
	if (op->kind == OP_STORE) {
		memcpy(bytes, batch.input + op->data, length);
		copy_volatile(va, bytes, length);
		return 0;
	}
	copy_volatile(bytes, va, length);
	answer->out = keep(bytes, (uint32_t)length);
	answer->length = (uint32_t)length;
	return 0;
}

static int64_t do_read(const struct op *op, struct answer *answer)
{
	static const uint8_t zeros[MAX_BUFFER];
	uint64_t length = resolve(&op->arg[1]);
	int64_t position = (int64_t)resolve(&op->arg[2]);
	int fd = (int)resolve(&op->arg[0]);
	uint8_t *at;
	ssize_t got;

	if (is_own(fd, answer))
		return -1;
	if (length > MAX_BUFFER) {
		answer->state = REFUSED;
		return -1;
	}
	at = place(0, zeros, (uint32_t)length, 0);
	got = position < 0 ? read(fd, at, length) : pread(fd, at, length, position);
	if (got > 0) {
		int error = errno;

		answer->out = keep(at, (uint32_t)got);
		answer->length = (uint32_t)got;
		errno = error;
	}
	return got;
}

static int64_t do_write(const struct op *op, struct answer *answer)
{
	int fd = (int)resolve(&op->arg[0]);

	if (is_own(fd, answer))
		return -1;
	return write(fd, place(0, batch.input + op->data, op->length, 0), op->length);
}

static int64_t do_poll(const struct op *op, struct answer *answer)
{
	struct pollfd one = { .fd = (int)resolve(&op->arg[0]), .events = (short)resolve(&op->arg[1]) };
	int64_t ret;
	uint16_t revents;

	if (is_own(one.fd, answer))
		return -1;
	ret = poll(&one, 1, 0);
	revents = (uint16_t)one.revents;

	answer->out = keep((const uint8_t *)&revents, 2);
	answer->length = 2;
	return ret;
}

/* Raises a device's message and tells whether one of the batch's eventfds got it. */
static int64_t do_msi(const struct op *op)
{
	struct pollfd all[MAX_EVENTFDS];
	uint64_t count;

	for (int i = 0; i < eventfd_count; i++) {
		all[i] = (struct pollfd){ .fd = eventfds[i], .events = POLLIN };
		while (read(eventfds[i], &count, sizeof(count)) == sizeof(count))
			;
	}
	if (backend->raise(op->device) < 0)
		return -1;
	return poll(all, (nfds_t)eventfd_count, 20) > 0;
}

static int64_t do_mmap(const struct op *op, struct answer *answer)
{
	uint64_t flags = resolve(&op->arg[3]);
	int fd = (int)(int64_t)resolve(&op->arg[4]);
	void *got;

	if (is_own(fd, answer))
		return -1;
	got = mmap((void *)(uintptr_t)resolve(&op->arg[0]), resolve(&op->arg[1]), (int)resolve(&op->arg[2]) & 3,
		   (int)flags, fd, (off_t)resolve(&op->arg[5]));
	return got == MAP_FAILED ? -1 : (int64_t)(uintptr_t)got;
}

static int64_t new_eventfd(void)
{
	int fd = eventfd(0, EFD_NONBLOCK);

	int at = fd < 0 ? MAX_EVENTFDS : __atomic_load_n(&eventfd_count, __ATOMIC_RELAXED);

	while (at < MAX_EVENTFDS &&
	       !__atomic_compare_exchange_n(&eventfd_count, &at, at + 1, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	if (at < MAX_EVENTFDS)
		eventfds[at] = fd;
	return fd;
}

static int64_t call(const struct op *op, struct answer *answer)
{
	int error;

	switch (op->kind) {
	case OP_OPEN:
		return backend->open(op->path, O_RDWR);
	case OP_EVENTFD:
		return new_eventfd();
	case OP_MEMFD: {
		int fd = memfd_create("nestcheck", 0);

		if (fd >= 0 && ftruncate(fd, (off_t)resolve(&op->arg[0])) < 0) {
			error = errno;
			close(fd);
			errno = error;
			return -1;
		}
		return fd;
	}
	case OP_DUP:
		return is_own((int)resolve(&op->arg[0]), answer) ? -1 : dup((int)resolve(&op->arg[0]));
	case OP_CLOSE:
		return is_own((int)resolve(&op->arg[0]), answer) ? -1 : close((int)resolve(&op->arg[0]));
	case OP_IOCTL:
		return do_ioctl(op, answer);
	case OP_MMAP:
		return do_mmap(op, answer);
	case OP_MUNMAP:
		return munmap((void *)(uintptr_t)resolve(&op->arg[0]), resolve(&op->arg[1]));
	case OP_MPROTECT:
		return mprotect((void *)(uintptr_t)resolve(&op->arg[0]), resolve(&op->arg[1]), (int)resolve(&op->arg[2]) & 3);
	case OP_STORE:
	case OP_FILL:
	case OP_LOAD:
		return touch(op, answer);
	case OP_READ:
		return do_read(op, answer);
	case OP_WRITE:
		return do_write(op, answer);
	case OP_POLL:
		return do_poll(op, answer);
	case OP_TRANSFER:
		return backend->transfer(op->device, op->direct, resolve(&op->arg[0]), resolve(&op->arg[1]));
	case OP_MSI:
		return do_msi(op);
	case OP_FORK:
		return fork_process();
	case OP_EXIT:
		_exit(0);
	default:
		error = device_control(op->kind, op->device);
		errno = -error;
		return error < 0 ? -1 : 0;
	}
}

void execute(int index)
{
	struct answer *answer = &results->answer[index];

	answer->state = RUNNING;
	if (sigsetjmp(recover, 1)) {
		answer->ret = -1;
		answer->error = EFAULT;
		answer->state = DONE;
		return;
	}
	errno = 0;
	answer->ret = call(&batch.op[index], answer);
	answer->error = answer->ret < 0 ? errno : 0;
	if (answer->state == RUNNING)
		answer->state = DONE;
}
