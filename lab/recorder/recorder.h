/*
 * nestcheck-recorder: what a program does with VFIO and iommufd, as a recording that `nestcheck conform` reads.
 */
#ifndef RECORDER_H
#define RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* --- What is known of calls: tables.c, which is made from the declarations of spec/ ------------------------------- */

enum direction { IN = 1, OUT = 2, INOUT = 3 };

/* A field of a struct. Width 0: none. */
struct field {
	uint16_t offset;
	uint16_t width;
};

/* A pointer in a struct, and how many bytes are behind it: each * first * second / divisor, then bits as bytes. */
struct pointer {
	uint16_t offset;
	uint8_t direction;
	/* What is behind it is nobody's business: only its length is told. */
	bool secret;
	uint32_t each;
	struct field first, second, divisor;
	bool bits;
};

enum on { ON_IOMMUFD, ON_DEVICE, ON_CONTAINER };

struct call {
	uint8_t on;
	uint8_t nr;
	const char *name;
	uint16_t size;
	/* Its first word says how long it is. */
	bool sized;
	/* It takes a number in the place of a struct. */
	bool number;
	uint8_t pointers;
	struct pointer pointer[2];
};

extern const struct call CALLS[];
extern const size_t CALL_COUNT;

/* --- Files of processes: files.c ---------------------------------------------------------------------------------- */

enum kind {
	UNKNOWN,
	/* Nothing that is recorded. */
	OTHER,
	IOMMUFD,
	DEVICE,
	GROUP,
	CONTAINER,
	/* An event queue, or one of page requests. */
	QUEUE,
};

struct files {
	int users;
	int size;
	uint8_t *kinds;
};

struct mapping {
	uint64_t start, length;
	struct mapping *next;
};

/* What is written on standard output or error, until its line ends. */
struct saying {
	char *text;
	size_t length;
};

struct process {
	pid_t pid;
	struct saying said[2];
	int threads;
	/* There are lines of it. */
	bool seen;
	struct files *files;
	struct mapping *mappings;
	/* Stretches of memory that the recording has told of. */
	struct mapping *told;
	struct process *next;
};

#define MAX_STRUCT 4096
#define MAX_BUFFER 65536
#define MAX_POLL 64

/* What is kept of a call while the kernel works on it. */
struct pending {
	long nr;
	uint64_t args[6];
	uint64_t begin;
	int fd;
	uint8_t kind;
	const struct call *call;
	size_t in_size;
	uint8_t in[MAX_STRUCT];
	size_t buffer_size[2];
	uint8_t *buffer[2];
	char path[4096];
};

struct thread {
	pid_t tid;
	struct process *process;
	bool in_call;
	struct pending *pending;
	struct thread *next;
};

struct options {
	const char *output;
	/* Stands for / where devices are looked for. */
	const char *root;
	pid_t pid;
	bool every_call;
	bool hw_info;
	/* Where errors go; 0: standard error. */
	int errors;
	char **command;
};

extern struct options options;
extern FILE *out;
/* Lines written until now. */
extern uint64_t lines;
/* Calls of the interface between entry and exit. */
extern unsigned in_flight;

struct files *files_new(void);
struct files *files_copy(const struct files *from);
void files_release(struct files *files);
void files_set(struct files *files, int fd, enum kind kind);
enum kind files_kind(struct process *process, int fd);
bool is_recorded(enum kind kind);
enum kind kind_of_path(const char *path);
/* What /proc says that a descriptor is; the path without the root. */
bool link_of(pid_t pid, int fd, char *path, size_t size);

/* --- Memory of processes: memory.c -------------------------------------------------------------------------------- */

/* How many bytes could be read. */
size_t peek(pid_t pid, uint64_t address, void *to, size_t size);
bool peek_string(pid_t pid, uint64_t address, char *to, size_t size);
/* Tells of the memory of a process in which a stretch lies, unless that was told. */
void tell_memory(struct thread *thread, uint64_t start, uint64_t length);
void map_device(struct process *process, uint64_t start, uint64_t length);
bool unmap_device(struct process *process, uint64_t start, uint64_t length);
void forget_mappings(struct process *process);

/* --- Lines: write.c ----------------------------------------------------------------------------------------------- */

void begin_line(const char *ev, struct thread *thread);
void put_number(const char *key, int64_t value);
void put_text(const char *key, const char *value);
void put_address(const char *key, uint64_t value);
void put_hex(const char *key, const uint8_t *bytes, size_t size);
void put_return(int64_t value);
void end_line(void);
uint64_t microseconds(void);

/* --- What a VMM says of its guest: said.c ------------------------------------------------------------------------- */

/* Takes what is written on a descriptor, and tells of the lines that are known. */
void hear(struct thread *thread, int fd, uint64_t address, uint64_t length);
void forget_sayings(struct process *process);

/* --- What is recorded: calls.c, machine.c, start.c ---------------------------------------------------------------- */

/* A call begins; whether its end is of interest. */
bool call_begins(struct thread *thread, long nr, const uint64_t args[6]);
void call_ends(struct thread *thread, int64_t value, bool is_error);
void process_forked(struct thread *parent, struct process *child, bool shared);
void process_executed(struct thread *thread);
void process_ended(struct thread *thread, int status);
/* Descriptors that a process had before it was looked at. */
void process_found(struct thread *thread);

void describe_machine(void);
/* The filter under which only calls of interest stop; false, with errno, where the kernel has none. */
bool install_filter(void);
/* Runs until every process has ended; the status of the first. */
int trace(void);

__attribute__((noreturn, format(printf, 2, 3))) void fail(int status, const char *format, ...);

#endif
