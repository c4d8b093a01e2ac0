/* The devices that the agent may touch: those that were named to it, and nothing else. */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct device devices[MAX_DEVICES];
int device_count;

#define SYSFS "/sys/bus/pci/devices/"

int name_device(const char *bdf)
{
	unsigned int domain, bus, slot, function;
	int end = 0;

	if (sscanf(bdf, "%4x:%2x:%2x.%1x%n", &domain, &bus, &slot, &function, &end) != 4 || bdf[end] || end != 12)
		return -1;
	if (device_count == MAX_DEVICES || device_by_name(bdf) >= 0)
		return -1;
	memset(&devices[device_count], 0, sizeof(devices[0]));
	strcpy(devices[device_count].bdf, bdf);
	devices[device_count++].group = -1;
	return 0;
}

int device_by_name(const char *bdf)
{
	for (int i = 0; i < device_count; i++)
		if (!strcmp(devices[i].bdf, bdf))
			return i;
	return -1;
}

/* The doors of the interface, the files of named devices, and files without effect. */
int may_open(const char *path)
{
	static const char *const plain[] = { "/dev/iommu", "/dev/vfio/vfio", "/dev/null", "/dev/zero" };
	char group[64];

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (!strcmp(plain[i], path))
			return 1;
	for (int i = 0; i < device_count; i++) {
		if (devices[i].cdev[0] && !strcmp(devices[i].cdev, path))
			return 1;
		snprintf(group, sizeof(group), "/dev/vfio/%d", devices[i].group);
		if (devices[i].group >= 0 && !strcmp(group, path))
			return 1;
	}
	return 0;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t wrote;
	int error;

	if (fd < 0)
		return -errno;
	wrote = write(fd, text, strlen(text));
	error = wrote < 0 ? -errno : 0;
	close(fd);
	return error;
}

static long read_long(const char *bdf, const char *name)
{
	char path[PATH_MAX], text[64] = "";
	int fd;

	snprintf(path, sizeof(path), SYSFS "%s/%s", bdf, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	if (fd >= 0)
		close(fd);
	return text[0] ? strtol(text, NULL, 0) : -1;
}

/* The last part of where a link of the device leads; "" without one. */
static void link_name(const char *bdf, const char *name, char *out, size_t size)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t length;

	snprintf(path, sizeof(path), SYSFS "%s/%s", bdf, name);
	length = readlink(path, target, sizeof(target) - 1);
	out[0] = 0;
	if (length <= 0)
		return;
	target[length] = 0;
	snprintf(out, size, "%.*s", (int)size - 1, strrchr(target, '/') ? strrchr(target, '/') + 1 : target);
}

static void find_cdev(struct device *device)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *folder;

	device->cdev[0] = 0;
	snprintf(path, sizeof(path), SYSFS "%s/vfio-dev", device->bdf);
	folder = opendir(path);
	while (folder && (entry = readdir(folder)))
		if (!strncmp(entry->d_name, "vfio", 4) && strlen(entry->d_name) < 32)
			snprintf(device->cdev, sizeof(device->cdev), "/dev/vfio/devices/%.32s", entry->d_name);
	if (folder)
		closedir(folder);
}

/* A PCIe-to-PCI bridge sends what is behind it under its own requester ID too. Its capability says what it is. */
static int is_conventional_bridge(const char *bdf)
{
	char path[PATH_MAX];
	uint8_t config[256] = { 0 };
	int fd, at, left = 48;

	snprintf(path, sizeof(path), SYSFS "%s/config", bdf);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, config, sizeof(config)) < 64)
		config[0x34] = 0;
	close(fd);
	for (at = config[0x34] & 0xfc; at >= 0x40 && left--; at = config[at + 1] & 0xfc)
		if (config[at] == 0x10)
			return (config[at + 2] >> 4) == 7;
	return 0;
}

static void look_at(struct device *device)
{
	char path[PATH_MAX], target[PATH_MAX], group[32], methods[64] = "";
	uint8_t config[4096];
	ssize_t length;
	int fd;

	link_name(device->bdf, "iommu_group", group, sizeof(group));
	device->group = group[0] ? atoi(group) : -1;
	link_name(device->bdf, "iommu", device->iommu, sizeof(device->iommu));
	find_cdev(device);
	device->edu = read_long(device->bdf, "vendor") == 0x1234 && read_long(device->bdf, "device") == 0x11e8;
	snprintf(path, sizeof(path), SYSFS "%s/reset_method", device->bdf);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	device->resets = fd >= 0 && read(fd, methods, sizeof(methods) - 1) > 1;
	if (fd >= 0)
		close(fd);
	snprintf(path, sizeof(path), SYSFS "%s/config", device->bdf);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? 0 : read(fd, config, sizeof(config));
	device->config_size = length > 0 ? (int)length : 0;
	if (fd >= 0)
		close(fd);
	for (int at = length >= 64 ? config[0x34] & 0xfc : 0, left = 48; at >= 0x40 && left--; at = config[at + 1] & 0xfc)
		if (config[at] == 0x05)
			device->msi = 1 << ((config[at + 2] >> 1) & 7);
	snprintf(path, sizeof(path), SYSFS "%s", device->bdf);
	length = readlink(path, target, sizeof(target) - 1);
	device->bridge[0] = 0;
	if (length > 0) {
		target[length] = 0;
		char *last = strrchr(target, '/');
		char *parent;

		if (last)
			*last = 0;
		parent = strrchr(target, '/');
		if (parent && strlen(parent + 1) == 12 && is_conventional_bridge(parent + 1))
			strcpy(device->bridge, parent + 1);
	}
}

/* A BAR is reached through sysfs, so that a device can be told to do DMA whoever has its file. */
static void map_bar(struct device *device)
{
	char path[PATH_MAX], line[128] = "";
	unsigned long long start, last;
	int fd;

	snprintf(path, sizeof(path), SYSFS "%s/resource", device->bdf);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, line, sizeof(line) - 1) > 0 && sscanf(line, "%llx %llx", &start, &last) == 2)
		device->bar0_size = start < last ? last - start + 1 : 0;
	if (fd >= 0)
		close(fd);
}

/* Finds out about the named devices; `bind` hands them to vfio-pci first. */
void look_at_devices(int bind)
{
	char path[PATH_MAX];

	for (int i = 0; i < device_count; i++) {
		struct device *device = &devices[i];

		if (bind) {
			snprintf(path, sizeof(path), SYSFS "%s/driver_override", device->bdf);
			write_file(path, "vfio-pci");
			device_control(OP_BIND, i);
		}
		look_at(device);
		map_bar(device);
	}
}

void describe_devices(void)
{
	for (int i = 0; i < device_count; i++) {
		const struct device *device = &devices[i];

		say("device %s group=%d cdev=%s iommu=%s bridge=%s edu=%d resets=%d config=%d msi=%d bar0=%llu\n",
		    device->bdf, device->group, device->cdev[0] ? device->cdev : "-",
		    device->iommu[0] ? device->iommu : "-", device->bridge[0] ? device->bridge : "-", device->edu,
		    device->resets, device->config_size, device->msi, (unsigned long long)device->bar0_size);
	}
}

/* What an administrator does through sysfs. 0 or a negative errno. */
int device_control(enum kind kind, int index)
{
	const char *bdf = index < 0 ? "" : devices[index].bdf;
	char path[PATH_MAX];

	switch (kind) {
	case OP_UNBIND:
		snprintf(path, sizeof(path), SYSFS "%s/driver/unbind", bdf);
		return write_file(path, bdf);
	case OP_BIND:
		return write_file("/sys/bus/pci/drivers_probe", bdf);
	case OP_REMOVE:
		snprintf(path, sizeof(path), SYSFS "%s/remove", bdf);
		return write_file(path, "1");
	case OP_RESCAN:
		return write_file("/sys/bus/pci/rescan", "1");
	case OP_RESET:
		snprintf(path, sizeof(path), SYSFS "%s/reset", bdf);
		return write_file(path, "1");
	default:
		return -EINVAL;
	}
}
