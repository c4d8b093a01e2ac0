/*
 * What the agent's own tests run on: no iommufd, no devices. Files are empty ones; a call gives back what it got, with
 * its number in the second word, so that a test sees what reached it. A few numbers misbehave.
 */
#include "agent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>

enum { ECHO = 0x80, REFUSE = 0x81, HANG = 0x82, CRASH = 0x83, FOLLOW = 0x84, MEET = 0x85, DIRECT = 0x64 };

static uint32_t calls;
static int inside;

static int fake_open(const char *path, int flags)
{
	(void)path;
	return open("/dev/null", flags);
}

static int fake_ioctl(int fd, unsigned long request, void *argument)
{
	uint8_t *bytes = argument;

	if (fcntl(fd, F_GETFD) < 0)
		return -1;
	switch (request & 0xff) {
	case ECHO: {
		uint32_t number = __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);

		memcpy(bytes + 4, &number, 4);
		return 0;
	}
	case REFUSE:
		errno = ENOENT;
		return -1;
	case HANG:
		for (;;)
			pause();
	case CRASH:
		abort();
	case FOLLOW: {
		/* Turns over what the pointer at 8 points at. */
		uint8_t *buffer;

		memcpy(&buffer, bytes + 8, sizeof(buffer));
		for (int i = 0; i < 4; i++)
			buffer[i] ^= 0xff;
		return 0;
	}
	case MEET:
		/* Returns when another thread is in it too; not at all where nobody comes. */
		__atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);
		while (__atomic_load_n(&inside, __ATOMIC_SEQ_CST) < 2)
			usleep(100);
		return 0;
	case DIRECT:
		return (int)(uintptr_t)argument;
	default:
		errno = ENOTTY;
		return -1;
	}
}

static int fake_transfer(int device, int to_memory, uint64_t iova, uint64_t length)
{
	(void)device;
	(void)to_memory;
	(void)iova;
	(void)length;
	return 0;
}

static int fake_raise(int device)
{
	(void)device;
	return 0;
}

static void fake_discover(int bind)
{
	(void)bind;
	for (int i = 0; i < device_count; i++) {
		devices[i].group = 7 + i;
		strcpy(devices[i].cdev, "/dev/vfio/devices/vfio0");
		devices[i].cdev[strlen(devices[i].cdev) - 1] = (char)('0' + i);
	}
}

const struct backend fake_backend = {
	.open = fake_open,
	.ioctl = fake_ioctl,
	.transfer = fake_transfer,
	.raise = fake_raise,
	.discover = fake_discover,
};
