#define _FILE_OFFSET_BITS 64
#include "recorder.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#define PAGE 4096

/* Page by page, as a stretch may end where nothing is. */
size_t peek(pid_t pid, uint64_t address, void *to, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t part = PAGE - (size_t)((address + done) % PAGE);
		struct iovec local, remote;
		ssize_t got;

		if (part > size - done)
			part = size - done;
		local = (struct iovec){ (uint8_t *)to + done, part };
		remote = (struct iovec){ (void *)(uintptr_t)(address + done), part };
		got = process_vm_readv(pid, &local, 1, &remote, 1, 0);
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return done;
}

bool peek_string(pid_t pid, uint64_t address, char *to, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t part = 256 - (size_t)((address + done) % 256);
		size_t got;

		if (part > size - done)
			part = size - done;
		got = peek(pid, address + done, to + done, part);
		if (memchr(to + done, 0, got) != NULL)
			return true;
		if (got < part)
			return false;
		done += got;
	}
	return false;
}

static struct mapping *add(struct mapping *next, uint64_t start, uint64_t length)
{
	struct mapping *mapping = malloc(sizeof(*mapping));

	if (mapping == NULL)
		fail(2, "no memory");
	*mapping = (struct mapping){ start, length, next };
	return mapping;
}

static bool is_told(const struct process *process, uint64_t start, uint64_t end)
{
	for (const struct mapping *told = process->told; told != NULL; told = told->next)
		if (start >= told->start && end <= told->start + told->length)
			return true;
	return false;
}

void tell_memory(struct thread *thread, uint64_t start, uint64_t length)
{
	struct process *process = thread->process;
	uint64_t end = start + length;
	char path[64], line[4608];
	FILE *maps;

	if (length == 0 || end < start || is_told(process, start, end))
		return;
	snprintf(path, sizeof(path), "/proc/%d/maps", process->pid);
	maps = fopen(path, "re");
	if (maps == NULL)
		return;
	while (fgets(line, sizeof(line), maps) != NULL) {
		uint64_t from, to;
		char protection[8];

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to, protection) != 3)
			continue;
		/* Registers of a device are told of where they are mapped. */
		if (to <= start || from >= end || strstr(line, "/dev/vfio") != NULL || is_told(process, from, to))
			continue;
		protection[2] = 0;
		begin_line("mmap", thread);
		put_address("va", from);
		put_address("len", to - from);
		put_text("prot", protection);
		put_text("note", "memory that the process has");
		end_line();
		process->told = add(process->told, from, to - from);
	}
	fclose(maps);
}

void map_device(struct process *process, uint64_t start, uint64_t length)
{
	process->mappings = add(process->mappings, start, length);
}

bool unmap_device(struct process *process, uint64_t start, uint64_t length)
{
	struct mapping **at = &process->mappings;
	bool any = false;

	while (*at != NULL) {
		struct mapping *mapping = *at;

		if (mapping->start >= start && mapping->start < start + length) {
			*at = mapping->next;
			free(mapping);
			any = true;
		} else {
			at = &mapping->next;
		}
	}
	return any;
}

static void drop(struct mapping **list)
{
	while (*list != NULL) {
		struct mapping *next = (*list)->next;

		free(*list);
		*list = next;
	}
}

void forget_mappings(struct process *process)
{
	drop(&process->mappings);
	drop(&process->told);
}
