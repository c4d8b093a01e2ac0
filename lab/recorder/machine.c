/*
 * What the machine is: a `setup` line for each device that VFIO has, from sysfs and from its configuration space.
 */
#include "recorder.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define CAPABILITIES 0x34
#define INTERRUPT_PIN 0x3d
#define EXTENDED 0x100
#define CAP_MSI 0x05
#define EXT_ATS 0x0f
#define EXT_PASID 0x1b
#define HW_BYTES 64

static FILE *file_of(const char *device, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/%s", options.root, device, name);
	return fopen(path, "re");
}

/* The last part of what a link leads to. */
static bool target_of(const char *device, const char *name, char *to, size_t size)
{
	char path[512], target[512];
	ssize_t length;
	char *last;

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/%s", options.root, device, name);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = 0;
	last = strrchr(target, '/');
	snprintf(to, size, "%.*s", (int)size - 1, last == NULL ? target : last + 1);
	return true;
}

static bool cdev_of(const char *device, char *name, size_t size)
{
	char path[512];
	struct dirent *entry;
	bool found = false;
	DIR *folder;

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/vfio-dev", options.root, device);
	folder = opendir(path);
	if (folder == NULL)
		return false;
	while (!found && (entry = readdir(folder)) != NULL)
		if (entry->d_name[0] != '.') {
			snprintf(name, size, "/dev/vfio/devices/%.100s", entry->d_name);
			found = true;
		}
	closedir(folder);
	return found;
}

static uint32_t word_at(const uint8_t *config, size_t at, int width)
{
	uint32_t value = 0;

	while (width-- > 0)
		value = value << 8 | config[at + (size_t)width];
	return value;
}

static void put_capabilities(const uint8_t *config, size_t size)
{
	int steps = 0;

	if (size <= INTERRUPT_PIN)
		return;
	put_number("intx", config[INTERRUPT_PIN] != 0);
	/* Without the privilege only the first 64 bytes can be read. */
	if (size < 256)
		return;
	for (uint8_t at = config[CAPABILITIES] & 0xfc; at >= 0x40 && steps < 48; at = config[at + 1] & 0xfc, steps++)
		if (config[at] == CAP_MSI)
			put_number("msi", 1 << (word_at(config, at + 2u, 2) >> 1 & 7));
	for (uint32_t at = EXTENDED; at >= EXTENDED && at + 8 <= size && steps < 512; steps++) {
		uint32_t head = word_at(config, at, 4);

		if ((head & 0xffff) == EXT_PASID)
			put_number("pasid", config[at + 5] & 0x1f);
		if ((head & 0xffff) == EXT_ATS)
			fputs(",\"ats\":true", out);
		at = head >> 20;
	}
}

static void put_config(const char *device)
{
	uint8_t config[4096];
	FILE *file = file_of(device, "config");
	size_t size;

	if (file == NULL)
		return;
	size = fread(config, 1, sizeof(config), file);
	fseek(file, 0, SEEK_END);
	put_number("config", ftell(file) > 256 ? 4096 : 256);
	fclose(file);
	put_capabilities(config, size);
}

static void put_bar(const char *device)
{
	FILE *file = file_of(device, "resource");
	uint64_t start, end;

	if (file == NULL)
		return;
	if (fscanf(file, "%" SCNx64 " %" SCNx64, &start, &end) == 2)
		put_number("bar0", end == 0 ? 0 : (int64_t)(end - start + 1));
	fclose(file);
}

static void put_reset(const char *device)
{
	FILE *file = file_of(device, "reset_method");
	char line[200] = "";

	if (file == NULL) {
		put_text("reset", "");
		return;
	}
	if (fgets(line, sizeof(line), file) != NULL)
		line[strcspn(line, "\n")] = 0;
	put_text("reset", line);
	fclose(file);
}

/* Binds the device for a moment, unless it is in use, and asks. */
static void put_hw_info(const char *cdev)
{
	struct {
		uint32_t argsz, flags;
		int32_t iommufd;
		uint32_t devid;
		uint64_t token;
	} bind = { sizeof(bind), 0, -1, 0, 0 };
	uint8_t data[HW_BYTES] = { 0 };
	struct {
		uint32_t size, flags, devid, length;
		uint64_t data;
		uint32_t type;
		uint8_t pasid, reserved[3];
		uint64_t capabilities;
	} info = { sizeof(info), 0, 0, sizeof(data), (uintptr_t)data, 0, 0, { 0 }, 0 };
	char path[512];
	int device, iommufd;

	snprintf(path, sizeof(path), "%s%s", options.root, cdev);
	device = open(path, O_RDWR | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s/dev/iommu", options.root);
	iommufd = open(path, O_RDWR | O_CLOEXEC);
	bind.iommufd = iommufd;
	if (device >= 0 && iommufd >= 0 && ioctl(device, 0x3b76, &bind) == 0) {
		info.devid = bind.devid;
		if (ioctl(iommufd, 0x3b8a, &info) == 0) {
			put_number("hw_type", info.type);
			put_hex("hw_info", data, info.length < sizeof(data) ? info.length : sizeof(data));
		}
	}
	if (device >= 0)
		close(device);
	if (iommufd >= 0)
		close(iommufd);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void describe_machine(void)
{
	char path[512], cdev[128], name[128], *names[256];
	size_t count = 0;
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices", options.root);
	folder = opendir(path);
	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL && count < sizeof(names) / sizeof(names[0]))
		if (entry->d_name[0] != '.' && cdev_of(entry->d_name, cdev, sizeof(cdev)))
			names[count++] = strdup(entry->d_name);
	closedir(folder);
	qsort(names, count, sizeof(names[0]), by_name);
	for (size_t at = 0; at < count; at++) {
		if (!cdev_of(names[at], cdev, sizeof(cdev)) || !target_of(names[at], "iommu_group", name, sizeof(name)))
			continue;
		begin_line("setup", NULL);
		put_text("bdf", names[at]);
		put_text("cdev", cdev);
		put_text("grp", name);
		if (target_of(names[at], "iommu", name, sizeof(name)))
			put_text("smmu", name);
		put_reset(names[at]);
		put_bar(names[at]);
		put_config(names[at]);
		/* What is bound for a moment is reset when it is let go: not while the program that has it runs. */
		if (options.hw_info && options.pid == 0)
			put_hw_info(cdev);
		end_line();
		free(names[at]);
	}
}
