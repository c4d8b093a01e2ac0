/* The system calls, and the `edu` device's registers. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define EDU_RAISE 0x60
#define EDU_ACKNOWLEDGE 0x64
#define EDU_SOURCE 0x80
#define EDU_DESTINATION 0x88
#define EDU_LENGTH 0x90
#define EDU_COMMAND 0x98
#define EDU_START 1
#define EDU_TO_MEMORY 2
#define EDU_BUFFER 0x40000
#define EDU_BUFFER_BYTES 4096

#define PCI_COMMAND 4
#define PCI_COMMAND_MEMORY 2
#define PCI_COMMAND_MASTER 4

static int linux_open(const char *path, int flags)
{
	return open(path, flags);
}

static int linux_ioctl(int fd, unsigned long request, void *argument)
{
	return ioctl(fd, request, argument);
}

static volatile uint8_t *registers(int index)
{
	struct device *device = &devices[index];
	char path[128];
	int fd;
	void *at;

	if (!device->edu) {
		errno = ENODEV;
		return NULL;
	}
	if (device->bar0)
		return device->bar0;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource0", device->bdf);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	/* Far from the batch's addresses, like all that is the agent's own. */
	at = mmap((void *)(0x620000000000 + (uintptr_t)index * 0x1000000), 0x100000, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_FIXED, fd, 0);
	close(fd);
	if (at == MAP_FAILED)
		return NULL;
	device->bar0 = at;
	return at;
}

/*
 * VFIO opens a device with bus mastering off, as a driver in the process would expect. A device that nobody has open has
 * no memory decoding either, and stays as it is.
 */
static int may_master(int index)
{
	char path[128];
	uint16_t command = 0;
	int fd, done = 0;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", devices[index].bdf);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (pread(fd, &command, sizeof(command), PCI_COMMAND) == sizeof(command) && (command & PCI_COMMAND_MEMORY)) {
		done = (command & PCI_COMMAND_MASTER) != 0;
		command |= PCI_COMMAND_MASTER;
		if (!done)
			done = pwrite(fd, &command, sizeof(command), PCI_COMMAND) == sizeof(command);
	}
	close(fd);
	if (!done)
		errno = EIO;
	return done;
}

static void set64(volatile uint8_t *at, uint64_t value)
{
	*(volatile uint64_t *)at = value;
}

static int linux_transfer(int device, int to_memory, uint64_t iova, uint64_t length)
{
	volatile uint8_t *edu = registers(device);

	if (!edu || !may_master(device))
		return -1;
	if (length > EDU_BUFFER_BYTES) {
		errno = EINVAL;
		return -1;
	}
	set64(edu + EDU_SOURCE, to_memory ? EDU_BUFFER : iova);
	set64(edu + EDU_DESTINATION, to_memory ? iova : EDU_BUFFER);
	set64(edu + EDU_LENGTH, length);
	set64(edu + EDU_COMMAND, EDU_START | (to_memory ? EDU_TO_MEMORY : 0));
	/* It takes a tenth of a second of the machine's time, whatever it moves. */
	usleep(100000);
	for (int tries = 0; tries < 2000; tries++) {
		uint64_t command = *(volatile uint64_t *)(edu + EDU_COMMAND);

		if (!(command & EDU_START))
			return 0;
		if (command == UINT64_MAX)
			break; /* no device answers there */
		usleep(1000);
	}
	errno = EIO;
	return -1;
}

static int linux_raise(int device)
{
	volatile uint8_t *edu = registers(device);

	if (!edu || !may_master(device))
		return -1;
	*(volatile uint32_t *)(edu + EDU_RAISE) = 1;
	*(volatile uint32_t *)(edu + EDU_ACKNOWLEDGE) = 1;
	return 0;
}

static void linux_discover(int bind)
{
	look_at_devices(bind);
	for (int i = 0; i < device_count; i++)
		if (devices[i].edu)
			registers(i);
}

const struct backend linux_backend = {
	.open = linux_open,
	.ioctl = linux_ioctl,
	.transfer = linux_transfer,
	.raise = linux_raise,
	.discover = linux_discover,
};
