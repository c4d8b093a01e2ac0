/*
 * The agent of the lab: executes batches of system calls that it is sent, and answers with bytes and errnos.
 * PROTOCOL.md says what is spoken. Nothing is allocated after the start, and every length has a bound below.
 */
#ifndef NESTCHECK_AGENT_H
#define NESTCHECK_AGENT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_LINE (256 * 1024)	   /* bytes of one line that is sent */
#define MAX_OPS 4096		   /* operations in a batch */
#define MAX_INPUT (4 * 1024 * 1024)  /* bytes that the operations of a batch carry, and leave room for */
#define MAX_OUTPUT (8 * 1024 * 1024) /* bytes that a batch can answer */
#define MAX_BUFFERS 8		   /* pointers of one struct */
#define MAX_PATCHES 16		   /* fields of one struct that come from earlier answers */
#define MAX_STRUCT 8192
#define MAX_BUFFER (64 * 1024)
#define MAX_ARGS 6
#define MAX_PATH 128
#define MAX_DEVICES 32
#define MAX_PROCESSES 8
#define MAX_THREADS 3

/* What a reference stands for whose operation gave nothing: an id, and no descriptor, that never existed. */
#define NEVER 0x7fffffff

enum kind {
	OP_OPEN,
	OP_EVENTFD,
	OP_MEMFD,
	OP_DUP,
	OP_CLOSE,
	OP_IOCTL,
	OP_MMAP,
	OP_MUNMAP,
	OP_MPROTECT,
	OP_STORE,
	OP_FILL,
	OP_LOAD,
	OP_READ,
	OP_WRITE,
	OP_POLL,
	OP_TRANSFER,
	OP_MSI,
	OP_UNBIND,
	OP_BIND,
	OP_REMOVE,
	OP_RESCAN,
	OP_RESET,
	OP_FORK,
	OP_EXIT,
};

/* A number, or one that an earlier operation of the batch gave. */
struct value {
	int from;	 /* index of that operation; -1: none */
	int at;		 /* offset in the struct that it left; -1: what it returned */
	int width;	 /* bytes there */
	uint64_t number; /* without `from` */
};

struct patch {
	uint32_t offset;
	uint32_t width;
	struct value value;
};

/* What a pointer of a struct points at. The struct's bytes at `offset` are replaced by its address. */
struct buffer {
	uint32_t offset;
	uint32_t length;
	uint32_t data; /* in the batch's input */
};

struct op {
	enum kind kind;
	int process; /* 0: the one that begins */
	int thread;  /* of that process; 0: no other runs meanwhile */
	struct value arg[MAX_ARGS];
	char path[MAX_PATH];
	int device; /* index; -1: none */
	int direct; /* ioctl: arg[2] is the argument itself */
	int readonly; /* ioctl: the struct lies in memory that cannot be written */
	uint32_t data, length; /* bytes in the batch's input */
	int buffers, patches;
	struct buffer buffer[MAX_BUFFERS];
	struct patch patch[MAX_PATCHES];
};

enum state { NOT_RUN, RUNNING, DONE, REFUSED };

/* In memory that worker and supervisor share. */
struct answer {
	volatile int state;
	int error;
	int64_t ret;
	uint32_t out, length; /* bytes in the output */
	int buffers;
	uint32_t buffer[MAX_BUFFERS]; /* where each one's bytes begin */
	uint32_t began, ended;	      /* of a thread's: ticks of one clock, from 1 on; 0: not yet */
};

struct batch {
	uint64_t id;
	uint32_t timeout_ms;
	int count;
	struct op op[MAX_OPS];
	uint32_t used;
	uint8_t input[MAX_INPUT];
};

struct results {
	volatile int current; /* the operation that runs; MAX_OPS: the process ends */
	volatile uint64_t began_ms;
	uint32_t used;
	uint32_t tick; /* of the clock by which operations of threads began and ended */
	struct answer answer[MAX_OPS];
	uint8_t output[MAX_OUTPUT];
};

struct device {
	char bdf[16];
	char cdev[64];
	char iommu[64];
	char bridge[16]; /* the bridge to conventional PCI that it is behind */
	int group;
	int edu; /* can be told to do DMA and raise an MSI */
	int resets;
	int config_size;
	int msi;
	uint64_t bar0_size;
	volatile uint8_t *bar0;
};

extern struct device devices[MAX_DEVICES];
extern int device_count;
extern struct batch batch;
extern struct results *results;

/* wire.c */
int read_line(char *line, size_t size, size_t *length);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_text(const char *text, size_t length);
void say_hex(const uint8_t *bytes, size_t length);
void flush_answers(void);
int hex_value(char digit);
void set_wire(int in, int out);

/* parse.c: 0, or -1 and what is wrong in `why`. */
int parse_op(char *line, struct op *op, const char **why);
int parse_number(const char *text, uint64_t *value);

/* devices.c */
int name_device(const char *bdf);
int device_by_name(const char *bdf);
int may_open(const char *path);
void look_at_devices(int bind);
void describe_devices(void);
int device_control(enum kind kind, int device);

/* execute.c */
void prepare_worker(void);
void execute(int index);
void prepare_thread(int thread);

/* threads.c: the operation behind the stretch. */
int run_stretch(int first);

/* worker.c: how the batch ended. */
const char *run_batch(void);
void run_ops(void);
int64_t fork_process(void);
uint64_t now_ms(void);

/* backend: the system calls, or what stands in for them without a kernel that has iommufd. */
struct backend {
	int (*open)(const char *path, int flags);
	int (*ioctl)(int fd, unsigned long request, void *argument);
	int (*transfer)(int device, int to_memory, uint64_t iova, uint64_t length);
	int (*raise)(int device);
	void (*discover)(int bind);
};

extern const struct backend linux_backend, fake_backend;
extern const struct backend *backend;

#endif
