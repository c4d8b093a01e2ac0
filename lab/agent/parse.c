/* One line of a batch into an operation. What is not understood is refused, with the reason. */
#include "agent.h"

#include <stdlib.h>
#include <string.h>

struct shape {
	const char *name;
	enum kind kind;
	const char *args; /* v: a value, d: a device, s: a path, h: bytes, w: a direction */
};

static const struct shape shapes[] = {
	{ "open", OP_OPEN, "s" },
	{ "eventfd", OP_EVENTFD, "" },
	{ "memfd", OP_MEMFD, "v" },
	{ "dup", OP_DUP, "v" },
	{ "close", OP_CLOSE, "v" },
	{ "ioctl", OP_IOCTL, "vv" },
	{ "mmap", OP_MMAP, "vvvvvv" },
	{ "munmap", OP_MUNMAP, "vv" },
	{ "mprotect", OP_MPROTECT, "vvv" },
	{ "store", OP_STORE, "vh" },
	{ "fill", OP_FILL, "vvv" },
	{ "load", OP_LOAD, "vv" },
	{ "read", OP_READ, "vvv" },
	{ "write", OP_WRITE, "vh" },
	{ "poll", OP_POLL, "vv" },
	{ "transfer", OP_TRANSFER, "dwvv" },
	{ "msi", OP_MSI, "d" },
	{ "unbind", OP_UNBIND, "d" },
	{ "bind", OP_BIND, "d" },
	{ "remove", OP_REMOVE, "d" },
	{ "rescan", OP_RESCAN, "" },
	{ "reset", OP_RESET, "d" },
	{ "fork", OP_FORK, "" },
	{ "exit", OP_EXIT, "" },
};

/* The thread whose operation is being read, and where the stretch of threads begins that it is in. */
static int thread, stretch;

/* Decimal, 0x and hexadecimal, or negative decimal; nothing around it. */
int parse_number(const char *text, uint64_t *value)
{
	int negative = text[0] == '-';
	int hex;
	uint64_t sum = 0;

	text += negative;
	hex = text[0] == '0' && text[1] == 'x';
	text += hex ? 2 : 0;
	if (!*text)
		return -1;
	for (; *text; text++) {
		int digit = hex_value(*text);
		uint64_t base = hex ? 16 : 10;

		if (digit < 0 || (uint64_t)digit >= base || sum > (UINT64_MAX - (uint64_t)digit) / base)
			return -1;
		sum = sum * base + (uint64_t)digit;
	}
	*value = negative ? (uint64_t)0 - sum : sum;
	return 0;
}

/* A number, `$I` (what operation I returned) or `$I+OFFSET:WIDTH` (a field of the struct that it left). */
static int parse_value(char *text, struct value *value)
{
	uint64_t number;
	char *plus, *colon;

	value->from = -1;
	value->at = -1;
	value->width = 0;
	if (text[0] != '$')
		return parse_number(text, &value->number);
	plus = strchr(text, '+');
	if (plus) {
		*plus++ = 0;
		colon = strchr(plus, ':');
		if (!colon)
			return -1;
		*colon++ = 0;
		if (parse_number(plus, &number) || number >= MAX_STRUCT)
			return -1;
		value->at = (int)number;
		if (parse_number(colon, &number) || (number != 1 && number != 2 && number != 4 && number != 8))
			return -1;
		value->width = (int)number;
	}
	/* Only what is already there can be referred to. */
	if (parse_number(text + 1, &number) || number >= (uint64_t)batch.count)
		return -1;
	if ((int)number >= stretch && batch.op[number].thread != thread)
		return -1;
	value->from = (int)number;
	return 0;
}

/* Hexadecimal digits, `+N` for N zeros or `-` for none, into the batch's input. */
static int parse_bytes(const char *text, uint32_t most, uint32_t *data, uint32_t *length)
{
	uint64_t count;

	*data = batch.used;
	if (text[0] == '-' && !text[1]) {
		*length = 0;
		return 0;
	}
	if (text[0] == '+') {
		if (parse_number(text + 1, &count) || count > most || count > MAX_INPUT - batch.used)
			return -1;
		memset(batch.input + batch.used, 0, count);
	} else {
		size_t digits = strlen(text);

		count = digits / 2;
		if (digits % 2 || count > most || count > MAX_INPUT - batch.used)
			return -1;
		for (uint64_t i = 0; i < count; i++) {
			int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);

			if (high < 0 || low < 0)
				return -1;
			batch.input[batch.used + i] = (uint8_t)(high << 4 | low);
		}
	}
	*length = (uint32_t)count;
	batch.used += (uint32_t)count;
	return 0;
}

static char *word(char **rest)
{
	char *start;

	while (**rest == ' ')
		++*rest;
	start = *rest;
	while (**rest && **rest != ' ')
		++*rest;
	if (**rest)
		*(*rest)++ = 0;
	return start;
}

/* ioctl FD REQUEST BYTES|#VALUE [ro] [b OFFSET BYTES]... [p OFFSET WIDTH VALUE]... */
static int parse_ioctl(char *rest, struct op *op, const char **why)
{
	char *text = word(&rest);
	uint64_t number;

	*why = "the argument of ioctl: bytes, or # and a value";
	if (text[0] == '#') {
		op->direct = 1;
		return parse_value(text + 1, &op->arg[2]) || *word(&rest) ? -1 : 0;
	}
	if (!*text || parse_bytes(text, MAX_STRUCT, &op->data, &op->length))
		return -1;
	for (text = word(&rest); *text; text = word(&rest)) {
		if (!strcmp(text, "ro")) {
			op->readonly = 1;
			continue;
		}
		*why = "b OFFSET BYTES or p OFFSET WIDTH VALUE inside the struct";
		if (!strcmp(text, "b") && op->buffers < MAX_BUFFERS) {
			struct buffer *buffer = &op->buffer[op->buffers++];

			if (parse_number(word(&rest), &number) || number + 8 > op->length)
				return -1;
			buffer->offset = (uint32_t)number;
			if (parse_bytes(word(&rest), MAX_BUFFER, &buffer->data, &buffer->length))
				return -1;
		} else if (!strcmp(text, "p") && op->patches < MAX_PATCHES) {
			struct patch *patch = &op->patch[op->patches++];
			uint64_t width;

			if (parse_number(word(&rest), &number) || parse_number(word(&rest), &width))
				return -1;
			if ((width != 1 && width != 2 && width != 4 && width != 8) || number + width > op->length)
				return -1;
			patch->offset = (uint32_t)number;
			patch->width = (uint32_t)width;
			if (parse_value(word(&rest), &patch->value))
				return -1;
		} else {
			return -1;
		}
	}
	return 0;
}

/* A process is not copied, nor does it end, while others of its threads run; and a device does one thing at a time. */
static int can_race(enum kind kind)
{
	return kind != OP_FORK && kind != OP_EXIT && kind != OP_TRANSFER && kind != OP_MSI;
}

int parse_op(char *line, struct op *op, const char **why)
{
	char *rest = line;
	char *name = word(&rest);
	uint64_t number;
	int values = 0;

	memset(op, 0, sizeof(*op));
	op->device = -1;
	if (name[0] == '@') {
		*why = "@ and the number of a process";
		if (parse_number(name + 1, &number) || number >= MAX_PROCESSES)
			return -1;
		op->process = (int)number;
		name = word(&rest);
	}
	if (name[0] == '&') {
		*why = "& and the number of a thread of the first process";
		if (op->process || parse_number(name + 1, &number) || number < 1 || number > MAX_THREADS)
			return -1;
		op->thread = (int)number;
		name = word(&rest);
	}
	thread = op->thread;
	if (!thread)
		stretch = batch.count + 1;
	else if (batch.count == 0)
		stretch = 0;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (strcmp(shapes[i].name, name))
			continue;
		op->kind = shapes[i].kind;
		*why = "an operation that a thread can do";
		if (thread && !can_race(op->kind))
			return -1;
		for (const char *arg = shapes[i].args; *arg; arg++) {
			char *text = word(&rest);

			*why = *arg == 'd' ? "a device that was named to the agent" :
			       *arg == 's' ? "a path that the agent may open" :
			       *arg == 'w' ? "from-mem or to-mem" :
			       *arg == 'h' ? "bytes in hexadecimal" : "a number, or a reference to an earlier answer";
			if (*arg == 'v' && parse_value(text, &op->arg[values++]))
				return -1;
			if (*arg == 'd' && (op->device = device_by_name(text)) < 0)
				return -1;
			if (*arg == 's' && (strlen(text) >= MAX_PATH || !may_open(text)))
				return -1;
			if (*arg == 's')
				strcpy(op->path, text);
			if (*arg == 'h' && parse_bytes(text, MAX_BUFFER, &op->data, &op->length))
				return -1;
			if (*arg == 'w' && strcmp(text, "from-mem") && strcmp(text, "to-mem"))
				return -1;
			if (*arg == 'w')
				op->direct = !strcmp(text, "to-mem");
		}
		if (op->kind == OP_IOCTL)
			return parse_ioctl(rest, op, why);
		*why = "nothing more";
		return *word(&rest) ? -1 : 0;
	}
	*why = "an operation";
	return -1;
}
