#include "recorder.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct files *files_new(void)
{
	struct files *files = calloc(1, sizeof(*files));

	if (files == NULL)
		fail(2, "no memory");
	files->users = 1;
	return files;
}

struct files *files_copy(const struct files *from)
{
	struct files *files = files_new();

	for (int fd = 0; fd < from->size; fd++)
		if (from->kinds[fd] != UNKNOWN)
			files_set(files, fd, from->kinds[fd]);
	return files;
}

void files_release(struct files *files)
{
	if (--files->users > 0)
		return;
	free(files->kinds);
	free(files);
}

void files_set(struct files *files, int fd, enum kind kind)
{
	if (fd < 0 || fd >= 1 << 20)
		return;
	if (fd >= files->size) {
		int size = (fd + 64) * 2;
		uint8_t *kinds = realloc(files->kinds, (size_t)size);

		if (kinds == NULL)
			fail(2, "no memory");
		memset(kinds + files->size, UNKNOWN, (size_t)(size - files->size));
		files->kinds = kinds;
		files->size = size;
	}
	files->kinds[fd] = kind;
}

bool is_recorded(enum kind kind)
{
	return kind != UNKNOWN && kind != OTHER;
}

enum kind kind_of_path(const char *path)
{
	if (strcmp(path, "/dev/iommu") == 0)
		return IOMMUFD;
	if (strncmp(path, "/dev/vfio/devices/", 18) == 0)
		return DEVICE;
	if (strcmp(path, "/dev/vfio/vfio") == 0)
		return CONTAINER;
	if (strncmp(path, "/dev/vfio/", 10) == 0)
		return GROUP;
	if (strncmp(path, "anon_inode:[vfio-device]", 24) == 0)
		return DEVICE;
	if (strncmp(path, "anon_inode:", 11) == 0 && strstr(path, "iommufd-") != NULL)
		return QUEUE;
	return OTHER;
}

bool link_of(pid_t pid, int fd, char *path, size_t size)
{
	char name[64];
	size_t root = strlen(options.root);
	ssize_t length;

	snprintf(name, sizeof(name), "/proc/%d/fd/%d", pid, fd);
	length = readlink(name, path, size - 1);
	if (length < 0)
		return false;
	path[length] = 0;
	if (root > 0 && strncmp(path, options.root, root) == 0)
		memmove(path, path + root, (size_t)length - root + 1);
	return true;
}

/* What was not seen to be opened is looked up once, and again after it was closed. */
enum kind files_kind(struct process *process, int fd)
{
	struct files *files = process->files;
	char path[4096];
	enum kind kind;

	if (fd < 0)
		return OTHER;
	if (fd < files->size && files->kinds[fd] != UNKNOWN)
		return files->kinds[fd];
	if (!link_of(process->pid, fd, path, sizeof(path)))
		return OTHER;
	kind = kind_of_path(path);
	files_set(files, fd, kind);
	return kind;
}
