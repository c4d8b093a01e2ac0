/*
 * A VMM can be told to say what its guest does: QEMU by -trace 'smmu*' and by the log of qtest, both on standard error;
 * cloud-hypervisor and OpenVMM have some words on its vSMMU in their logs, in which a line begins as the user wants it to. Such lines stand in the recording where they were said, before the calls that follow from them. Nothing else that is
 * written is looked at.
 */
#include "recorder.h"

#include <stdlib.h>
#include <string.h>

#define MAX_LINE (256 * 1024)

static const char *const KNOWN[] = { "smmuv3_", "smmu_reset_", "pci_cfg_write ", "[R ", "[S ",
				     "handle_qmp_command ", "monitor_qmp_respond " };

/* Accesses to all devices; only a vSMMU's registers are its business. */
static const char ACCESS[] = "memory_region_ops_", SMMU[] = "name 'arm-smmuv3'";

/* Where a message of a log begins, behind what its format puts before it. */
static const char *const LOGGED[] = { "SMMUv3 ", "smmu: ", "smmu accel: ", "SMMU accel: " };

static const char *message_of(const char *line)
{
	for (size_t at = 0; at < sizeof(LOGGED) / sizeof(LOGGED[0]); at++) {
		const char *message = strstr(line, LOGGED[at]);

		if (message != NULL && (message == line || message[-1] == ' '))
			return message;
	}
	return NULL;
}

static int is_known(const char *event)
{
	if (strncmp(event, ACCESS, sizeof(ACCESS) - 1) == 0)
		return strstr(event, SMMU) != NULL;
	for (size_t at = 0; at < sizeof(KNOWN) / sizeof(KNOWN[0]); at++)
		if (strncmp(event, KNOWN[at], strlen(KNOWN[at])) == 0)
			return 1;
	return 0;
}

/* Behind the process and the time that QEMU's log may put before an event (4711@1700000000.000000:). */
static const char *event_of(const char *line)
{
	const char *at = line + strspn(line, "0123456789");

	if (at == line || *at != '@')
		return line;
	at++;
	at += strspn(at, "0123456789.");
	return *at == ':' ? at + 1 : line;
}

static void tell(struct thread *thread, const char *line)
{
	const char *event = event_of(line);

	if (!is_known(event))
		event = message_of(line);
	if (event == NULL)
		return;
	begin_line("said", thread);
	put_text("text", event);
	end_line();
}

void hear(struct thread *thread, int fd, uint64_t address, uint64_t length)
{
	struct saying *said = &thread->process->said[fd - 1];
	char part[4096];

	while (length > 0) {
		size_t wanted = length < sizeof(part) ? (size_t)length : sizeof(part);
		size_t got = peek(thread->tid, address, part, wanted);

		if (got == 0)
			return;
		if (said->text == NULL)
			said->text = malloc(MAX_LINE);
		if (said->text == NULL)
			fail(2, "no memory");
		for (size_t at = 0; at < got; at++) {
			if (part[at] != '\n') {
				/* What is longer is none of these lines. */
				if (said->length < MAX_LINE - 1)
					said->text[said->length++] = part[at];
				continue;
			}
			said->text[said->length] = 0;
			if (said->length < MAX_LINE - 1)
				tell(thread, said->text);
			said->length = 0;
		}
		address += got;
		length -= got;
	}
}

void forget_sayings(struct process *process)
{
	for (int at = 0; at < 2; at++) {
		free(process->said[at].text);
		process->said[at] = (struct saying){ NULL, 0 };
	}
}
