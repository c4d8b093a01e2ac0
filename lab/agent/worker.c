/*
 * A batch runs in a process of its own, so that everything it had is closed at its end, whatever it was. The
 * supervisor looks at how far it came, and ends it where a call takes too long.
 */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Descriptors of the agent's own in a worker; the batch's are the lowest, from 3 on. */
#define FIRST_OWN 900

struct batch batch;
struct results *results;

/* How the first process tells the others which operation is theirs, and hears that it is done. */
static struct {
	pid_t pid;
	int go, done;
} process[MAX_PROCESSES];
static int process_count = 1;

uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int move_up(int fd, int to)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, to);

	close(fd);
	return moved;
}

static void serve(int go, int done)
{
	int index;

	while (read(go, &index, sizeof(index)) == sizeof(index)) {
		execute(index);
		if (write(done, &index, sizeof(index)) != sizeof(index))
			break;
	}
	_exit(0);
}

/* A second process with the same descriptors and memory, as fork() makes it. Answers its number. */
int64_t fork_process(void)
{
	int go[2], done[2];
	pid_t pid;

	if (process_count == MAX_PROCESSES) {
		errno = EAGAIN;
		return -1;
	}
	if (pipe(go) || pipe(done))
		return -1;
	for (int i = 0; i < 2; i++) {
		go[i] = move_up(go[i], FIRST_OWN);
		done[i] = move_up(done[i], FIRST_OWN);
	}
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(go[1]);
		close(done[0]);
		serve(go[0], done[1]);
	}
	close(go[0]);
	close(done[1]);
	process[process_count].pid = pid;
	process[process_count].go = go[1];
	process[process_count].done = done[0];
	return pid < 0 ? -1 : process_count++;
}

static void run_elsewhere(int number, int index)
{
	int done;

	if (number >= process_count || write(process[number].go, &index, sizeof(index)) != sizeof(index) ||
	    read(process[number].done, &done, sizeof(done)) != sizeof(done)) {
		/* It never was, or has ended. */
		if (results->answer[index].state != RUNNING || batch.op[index].kind != OP_EXIT)
			results->answer[index].error = ESRCH;
		results->answer[index].ret = results->answer[index].error ? -1 : 0;
		results->answer[index].state = DONE;
	}
}

void run_ops(void)
{
	for (int i = 0; i < batch.count;) {
		results->began_ms = now_ms();
		results->current = i;
		if (batch.op[i].thread) {
			i = run_stretch(i);
			continue;
		}
		if (batch.op[i].process == 0)
			execute(i);
		else
			run_elsewhere(batch.op[i].process, i);
		i++;
	}
	results->began_ms = now_ms();
	results->current = MAX_OPS;
	/* Their descriptors count too: what the batch had is gone when all have ended. */
	for (int i = 1; i < process_count; i++) {
		close(process[i].go);
		waitpid(process[i].pid, NULL, 0);
	}
}

static void close_all(void)
{
	if (syscall(SYS_close_range, 3u, ~0u, 0u) == 0)
		return;
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
}

static const char *supervise(pid_t pid, const sigset_t *child)
{
	struct timespec tick = { .tv_nsec = 50 * 1000 * 1000 };
	uint64_t killed = 0;
	int status;

	for (;;) {
		pid_t got = waitpid(pid, &status, WNOHANG);

		if (got == pid)
			break;
		sigtimedwait(child, NULL, &tick);
		if (killed && now_ms() - killed > 5000)
			return "stuck"; /* not even SIGKILL ends the call */
		if (!killed && now_ms() - results->began_ms > batch.timeout_ms) {
			kill(-pid, SIGKILL);
			killed = now_ms();
		}
	}
	if (killed)
		return "timeout";
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return "ok";
	return WIFEXITED(status) && WEXITSTATUS(status) == 3 ? "full" : "died";
}

const char *run_batch(void)
{
	sigset_t child;
	pid_t pid;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	results->current = -1;
	results->used = 0;
	results->tick = 0;
	results->began_ms = now_ms();
	memset(results->answer, 0, sizeof(results->answer[0]) * (size_t)batch.count);
	pid = fork();
	if (pid < 0)
		return "died";
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		setpgid(0, 0);
		sigprocmask(SIG_UNBLOCK, &child, NULL);
		/* Nothing that the batch does may reach the wire, which is 0 and 1 where the agent is run by hand. */
		dup2(null, 0);
		dup2(null, 1);
		close_all();
		process_count = 1;
		prepare_worker();
		run_ops();
		_exit(0);
	}
	setpgid(pid, pid);
	return supervise(pid, &child);
}
