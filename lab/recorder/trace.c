/*
 * The loop over what stops. PTRACE_GET_SYSCALL_INFO tells numbers and arguments on every architecture.
 */
#include "recorder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLLOW (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)

static struct thread *threads;
static volatile sig_atomic_t asked_to_end;

static void ask_to_end(int signal)
{
	(void)signal;
	asked_to_end = 1;
}

static void hear_nothing(int signal)
{
	(void)signal;
}

static struct thread *thread_of(pid_t tid)
{
	struct thread *thread = threads;

	while (thread != NULL && thread->tid != tid)
		thread = thread->next;
	return thread;
}

static pid_t group_of(pid_t tid)
{
	char path[64], line[256];
	pid_t group = tid;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	status = fopen(path, "re");
	if (status == NULL)
		return tid;
	while (fgets(line, sizeof(line), status) != NULL)
		if (sscanf(line, "Tgid: %d", &group) == 1)
			break;
	fclose(status);
	return group;
}

static struct thread *add_thread(pid_t tid, struct thread *parent)
{
	struct thread *thread = calloc(1, sizeof(*thread));
	pid_t group = group_of(tid);
	struct thread *other = threads;

	if (thread == NULL)
		fail(2, "no memory");
	thread->tid = tid;
	while (other != NULL && other->process->pid != group)
		other = other->next;
	if (other != NULL) {
		thread->process = other->process;
		thread->process->threads++;
	} else {
		struct process *process = calloc(1, sizeof(*process));
		bool shared;

		if (process == NULL)
			fail(2, "no memory");
		process->pid = group;
		process->threads = 1;
		thread->process = process;
		shared = parent != NULL && syscall(SYS_kcmp, parent->process->pid, group, KCMP_FILES, 0, 0) == 0;
		if (shared) {
			process->files = parent->process->files;
			process->files->users++;
		} else {
			process->files = parent == NULL ? files_new() : files_copy(parent->process->files);
		}
		process_forked(parent, process, shared);
	}
	thread->next = threads;
	threads = thread;
	return thread;
}

static void thread_ended(struct thread *thread, int status)
{
	struct thread **at = &threads;

	while (*at != thread)
		at = &(*at)->next;
	*at = thread->next;
	if (thread->in_call && thread->pending != NULL)
		in_flight -= thread->pending->nr == SYS_ioctl;
	if (--thread->process->threads == 0)
		process_ended(thread, status);
	free(thread->pending);
	free(thread);
}

static void go_on(struct thread *thread, int signal)
{
	bool stops = options.every_call || thread->in_call;

	ptrace(stops ? PTRACE_SYSCALL : PTRACE_CONT, thread->tid, 0, signal);
}

static void at_call(struct thread *thread)
{
	struct __ptrace_syscall_info info;

	memset(&info, 0, sizeof(info));
	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->tid, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY || info.op == PTRACE_SYSCALL_INFO_SECCOMP) {
		uint64_t args[6];

		/* The other interface of the machine (32-bit programs) is not followed. */
		if (info.arch == 0 || thread->in_call)
			return;
		for (int at = 0; at < 6; at++)
			args[at] = info.op == PTRACE_SYSCALL_INFO_ENTRY ? info.entry.args[at] : info.seccomp.args[at];
		call_begins(thread,
			    (long)(info.op == PTRACE_SYSCALL_INFO_ENTRY ? info.entry.nr : info.seccomp.nr), args);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
		call_ends(thread, info.exit.rval, info.exit.is_error);
	}
}

/* One thread is left of the process, under the number of the first. */
static void executed(struct thread *thread, pid_t former)
{
	struct thread *caller = thread_of(former);

	if (caller != NULL && caller != thread) {
		struct pending *pending = thread->pending;

		thread->in_call = caller->in_call;
		thread->pending = caller->pending;
		caller->pending = pending;
		caller->in_call = false;
		thread_ended(caller, 0);
	}
	thread->in_call = false;
	process_executed(thread);
}

static void stopped(struct thread *thread, int status)
{
	int signal = WSTOPSIG(status);
	int event = status >> 16;
	unsigned long message = 0;

	if (signal == (SIGTRAP | 0x80) || event == PTRACE_EVENT_SECCOMP) {
		at_call(thread);
		go_on(thread, 0);
		return;
	}
	switch (event) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		if (ptrace(PTRACE_GETEVENTMSG, thread->tid, 0, &message) == 0 && thread_of((pid_t)message) == NULL)
			add_thread((pid_t)message, thread);
		go_on(thread, 0);
		return;
	case PTRACE_EVENT_EXEC:
		ptrace(PTRACE_GETEVENTMSG, thread->tid, 0, &message);
		executed(thread, (pid_t)message);
		go_on(thread, 0);
		return;
	case PTRACE_EVENT_STOP:
		/* A stop by a signal goes on until SIGCONT; the others are a new thread's first, or what we asked for. */
		if (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU)
			ptrace(PTRACE_LISTEN, thread->tid, 0, 0);
		else
			go_on(thread, 0);
		return;
	default:
		go_on(thread, signal);
		return;
	}
}

static unsigned long follow_options(void)
{
	return FOLLOW | (options.every_call ? 0 : PTRACE_O_TRACESECCOMP) | (options.pid > 0 ? 0 : PTRACE_O_EXITKILL);
}

/* All threads, and those that they make meanwhile. */
static void attach(pid_t pid)
{
	char path[64];
	bool more = true;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	while (more) {
		DIR *tasks = opendir(path);
		struct dirent *entry;

		more = false;
		if (tasks == NULL)
			fail(2, "--pid: no process %d", pid);
		while ((entry = readdir(tasks)) != NULL) {
			pid_t tid = atoi(entry->d_name);
			struct thread *thread;

			if (tid <= 0 || thread_of(tid) != NULL)
				continue;
			if (ptrace(PTRACE_SEIZE, tid, 0, follow_options()) != 0) {
				if (errno == ESRCH)
					continue;
				fail(2, "--pid: cannot trace process %d: %s", pid, strerror(errno));
			}
			thread = add_thread(tid, NULL);
			if (tid == pid)
				process_found(thread);
			ptrace(PTRACE_INTERRUPT, tid, 0, 0);
			more = true;
		}
		closedir(tasks);
	}
}

/* Starts the program; gives the end of a pipe that tells why it could not be. */
static int start(pid_t *child)
{
	int ready[2], failed[2], error;
	char byte = 0;

	if (pipe2(ready, O_CLOEXEC) != 0 || pipe2(failed, O_CLOEXEC) != 0)
		fail(2, "no pipe: %s", strerror(errno));
	*child = fork();
	if (*child < 0)
		fail(2, "no process: %s", strerror(errno));
	if (*child == 0) {
		close(ready[1]);
		if (read(ready[0], &byte, 1) != 1)
			_exit(127);
		if (options.every_call || install_filter())
			execvp(options.command[0], options.command);
		error = errno;
		if (write(failed[1], &error, sizeof(error)) < 0)
			_exit(126);
		_exit(127);
	}
	close(ready[0]);
	close(failed[1]);
	if (ptrace(PTRACE_SEIZE, *child, 0, follow_options()) != 0)
		fail(2, "cannot trace: %s", strerror(errno));
	add_thread(*child, NULL);
	if (write(ready[1], "", 1) != 1)
		fail(2, "cannot start: %s", strerror(errno));
	close(ready[1]);
	return failed[0];
}

static void detach_all(void)
{
	/* A thread can be let go only while it stands still. */
	for (struct thread *thread = threads; thread != NULL; thread = thread->next)
		ptrace(PTRACE_INTERRUPT, thread->tid, 0, 0);
	while (threads != NULL) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL);
		struct thread *thread = thread_of(tid);

		if (tid < 0)
			return;
		if (thread == NULL)
			continue;
		/* Anywhere else a call that was interrupted would not be begun again. */
		if (WIFSTOPPED(status) && status >> 16 != PTRACE_EVENT_STOP) {
			stopped(thread, status);
			continue;
		}
		if (WIFSTOPPED(status))
			ptrace(PTRACE_DETACH, tid, 0, 0);
		for (struct thread **at = &threads; *at != NULL; at = &(*at)->next)
			if (*at == thread) {
				*at = thread->next;
				free(thread->pending);
				free(thread);
				break;
			}
	}
}

int trace(void)
{
	bool attached = options.pid > 0;
	struct sigaction end = { .sa_handler = ask_to_end }, tick = { .sa_handler = hear_nothing };
	pid_t first = options.pid;
	int result = 0, failed = -1, error = 0;

	if (attached) {
		sigaction(SIGINT, &end, NULL);
		sigaction(SIGTERM, &end, NULL);
		/* Who asks between a look at that and the next wait is heard all the same. */
		sigaction(SIGALRM, &tick, NULL);
		setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 500000 }, { 0, 500000 } }, NULL);
		attach(options.pid);
	} else {
		failed = start(&first);
		/* The terminal's interrupt goes to the program too, and it ends the recording by ending. */
		signal(SIGINT, SIG_IGN);
		sigaction(SIGTERM, &end, NULL);
	}
	while (threads != NULL) {
		struct thread *thread;
		int status;
		pid_t tid;

		if (asked_to_end && attached) {
			detach_all();
			break;
		}
		tid = waitpid(-1, &status, __WALL);
		/* Whoever was only attached to goes on. */
		if (asked_to_end && !attached) {
			asked_to_end = 0;
			kill(first, SIGTERM);
		}
		if (tid < 0) {
			if (errno == EINTR)
				continue;
			break;
		}
		thread = thread_of(tid);
		if (thread == NULL) {
			/* It stops before its parent tells of it. */
			if (!WIFSTOPPED(status))
				continue;
			for (thread = threads; thread != NULL && thread->process->pid != group_of(tid); )
				thread = thread->next;
			if (thread == NULL) {
				char path[64];
				int parent = 0;
				FILE *stat;

				snprintf(path, sizeof(path), "/proc/%d/stat", tid);
				stat = fopen(path, "re");
				if (stat != NULL) {
					if (fscanf(stat, "%*d (%*[^)]) %*c %d", &parent) != 1)
						parent = 0;
					fclose(stat);
				}
				for (thread = threads; thread != NULL && thread->process->pid != parent; )
					thread = thread->next;
			}
			thread = add_thread(tid, thread);
		}
		if (WIFSTOPPED(status)) {
			stopped(thread, status);
			continue;
		}
		if (tid == first)
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		thread_ended(thread, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	}
	if (failed >= 0 && read(failed, &error, sizeof(error)) == (ssize_t)sizeof(error))
		fail(2, "cannot start it: %s", strerror(error));
	return result;
}
