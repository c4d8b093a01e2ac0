/*
 * The first process of a guest that only runs programs: those of /programs, by name, one after the other. Numbers in a name
 * (`p000,4,0`) say which devices' files are its arguments. What they say and how they ended goes to the console, between lines that begin with
 * `nestcheck-run`. Then the guest powers off.
 */
#include "../agent/agent.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER "/programs"
#define MAX_PROGRAMS 256
#define MOST_SECONDS 60

static char names[MAX_PROGRAMS][64];
static int name_count;

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void look_for_programs(void)
{
	DIR *folder = opendir(FOLDER);
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.' && strlen(entry->d_name) < sizeof(names[0]) && name_count < MAX_PROGRAMS)
			strcpy(names[name_count++], entry->d_name);
	if (folder)
		closedir(folder);
	qsort(names, (size_t)name_count, sizeof(names[0]), by_name);
}

/* As on the agent's command line. */
static void name_devices(void)
{
	static char text[4096];
	int fd = open("/proc/cmdline", O_RDONLY);
	ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	text[got > 0 ? got : 0] = 0;
	close(fd);
	for (char *word = strtok(text, " \n"); word; word = strtok(NULL, " \n"))
		if (!strncmp(word, "nestcheck.device=", 17))
			name_device(word + 17);
}

static void run(const char *name)
{
	static char path[128], list[2048];
	char *argv[MAX_DEVICES + 2] = { path };
	const char *comma = strchr(name, ',');
	int given = 0, status = 0;
	pid_t pid;

	snprintf(path, sizeof(path), FOLDER "/%s", name);
	list[0] = 0;
	for (; comma && given < MAX_DEVICES; comma = strchr(comma + 1, ',')) {
		int index = atoi(comma + 1);

		if (index < 0 || index >= device_count)
			continue;
		argv[++given] = devices[index].cdev;
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", given > 1 ? " " : "",
			 devices[index].cdev);
	}
	setenv("NESTCHECK_DEVICES", list, 1);
	printf("nestcheck-run %s\n", name);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(MOST_SECONDS);
		execv(path, argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status))
		printf("nestcheck-run %s ended %d\n", name, WEXITSTATUS(status));
	else
		printf("nestcheck-run %s died %d\n", name, WTERMSIG(status));
	fflush(stdout);
}

int main(void)
{
	static const char *const mounts[][2] = { { "proc", "/proc" }, { "sysfs", "/sys" }, { "devtmpfs", "/dev" } };
	int console;

	for (int i = 0; i < 3; i++) {
		mkdir(mounts[i][1], 0755);
		mount(mounts[i][0], mounts[i][1], mounts[i][0], 0, NULL);
	}
	console = open("/dev/console", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		dup2(console, fd);
	name_devices();
	look_at_devices(1);
	look_for_programs();
	for (int i = 0; i < name_count; i++)
		run(names[i]);
	printf("nestcheck-run all done\n");
	fflush(stdout);
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
