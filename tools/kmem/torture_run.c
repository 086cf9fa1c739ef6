/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * One run of a program that kmem torture looks at: what is prepared once, how
 * it is started with the input that every run reads from its beginning, and how
 * it ends.
 */
#include "torture.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"

#define SECOND 1000000000ul

struct kmem_torture_area *area;
volatile sig_atomic_t interrupted;
static int input_fd = -1;

uint64_t torture_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

/* --- before the first run ------------------------------------------------- */

/*
 * The area is a file without a name; the program finds it as a descriptor of
 * this process, so it has no unexpected descriptor of its own.
 */
bool torture_area_make(void)
{
	int fd = memfd_create("kmem-torture", MFD_CLOEXEC);
	char mine[64];
	void *p;

	if (fd < 0 || ftruncate(fd, sizeof(*area)))
		goto failed;
	p = mmap(NULL, sizeof(*area), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		 0);
	if (p == MAP_FAILED)
		goto failed;
	area = p;
	area->magic = KMEM_TORTURE_MAGIC;
	area->size = sizeof(*area);
	snprintf(mine, sizeof(mine), "torture=/proc/%ld/fd/%d,publish=0",
		 (long)getpid(), fd);
	return options_set("torture", mine);
failed:
	complain("torture: no memory for the table of results: %s",
		 strerror(errno));
	return false;
}

static bool write_all(int fd, const char *from, size_t n)
{
	ssize_t part;

	for (; n; n -= (size_t)part, from += part) {
		part = write(fd, from, n);
		if (part < 0 && errno == EINTR)
			part = 0;
		if (part < 0)
			return false;
	}
	return true;
}

/*
 * A pipe can be read once, but each run reads it: into a file without name.  -1
 * for input that was cut off, so that it is not used as if it were whole.
 */
static int input_spool(void)
{
	int fd = memfd_create("kmem-torture-input", MFD_CLOEXEC), err;
	char buf[65536];
	ssize_t n = 0;

	while (fd >= 0) {
		n = read(STDIN_FILENO, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || !write_all(fd, buf, (size_t)n))
			break;
	}
	if (fd < 0 || n == 0)
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

bool torture_input_open(const char *name)
{
	struct stat st;

	if (name)
		input_fd = open(name, O_RDONLY | O_CLOEXEC);
	else if (!fstat(STDIN_FILENO, &st) && S_ISREG(st.st_mode))
		input_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else if (!fstat(STDIN_FILENO, &st) && S_ISFIFO(st.st_mode))
		input_fd = input_spool();
	else
		input_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (input_fd >= 0)
		return true;
	complain("torture: %s: %s", name ? name : "standard input",
		 strerror(errno));
	return false;
}

bool torture_keep_prepare(const char *dir)
{
	char path[PATH_MAX];

	if (!dir)
		return true;
	if ((mkdir(dir, 0700) && errno != EEXIST) || !realpath(dir, path) ||
	    access(path, W_OK | X_OK)) {
		complain("torture: --keep-output %s: %s", dir, strerror(errno));
		return false;
	}
	if (strlen(path) >= sizeof(area->keep)) {
		complain("torture: --keep-output %s: longer than %zu bytes",
			 path, sizeof(area->keep) - 1);
		return false;
	}
	strcpy(area->keep, path);
	return true;
}

/* --- one run -------------------------------------------------------------- */

static int output_open(const char *name)
{
	char path[PATH_MAX];

	if (!area->keep[0])
		return open("/dev/null", O_WRONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s/%s.out", area->keep, name);
	return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC,
		    0600);
}

/* In the child that becomes the program; returns errno. */
static int become(char *const *argv, const char *name)
{
	static const struct rlimit none = { 0, 0 };
	char path[64];
	int in, out;

	setpgid(0, 0);
	setrlimit(RLIMIT_CORE, &none);
	/* opened again: an offset of its own, at the beginning */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", input_fd);
	in = open(path, O_RDONLY | O_CLOEXEC);
	out = output_open(name);
	if (in < 0 || out < 0 || dup2(in, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		return errno;
	area->pid = (int32_t)getpid();
	execvp(argv[0], argv);
	return errno;
}

static int exec_error(const char *name, int err)
{
	complain("torture: %s: %s", name,
		 err == ENOENT ? "no such command" : strerror(err));
	return err == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC;
}

pid_t torture_start(char *const *argv, const char *name, int *status)
{
	int told[2], err = 0;
	pid_t pid;

	area->started = area->armed = area->lock = 0;
	area->points = 0;
	if (pipe2(told, O_CLOEXEC)) {
		*status = EXIT_RUN;
		complain("torture: pipe: %s", strerror(errno));
		return -1;
	}
	pid = fork();
	if (pid == 0) {
		err = become(argv, name);
		if (write(told[1], &err, sizeof(err)) != sizeof(err))
			_exit(EXIT_RUN);
		_exit(0);
	}
	close(told[1]);
	if (pid > 0 && read(told[0], &err, sizeof(err)) == sizeof(err)) {
		waitpid(pid, NULL, 0);
		*status = exec_error(argv[0], err);
		pid = -1;
	} else if (pid < 0) {
		*status = EXIT_RUN;
		complain("torture: fork: %s", strerror(errno));
	}
	close(told[0]);
	return pid;
}

bool torture_finish(pid_t pid, uint64_t until, int *status, void (*tick)(void))
{
	struct pollfd end = { .events = POLLIN };
	bool ended = false;

	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	while (!ended) {
		ended = waitpid(pid, status, WNOHANG) == pid;
		if (ended || interrupted ||
		    (until && torture_now_ns() >= until))
			break;
		poll(&end, end.fd >= 0, end.fd >= 0 ? 100 : 2);
		tick();
	}
	if (end.fd >= 0)
		close(end.fd);
	kill(-pid, SIGKILL);
	if (!ended)
		waitpid(pid, status, 0);
	return ended;
}

bool torture_setup_run(const char *command)
{
	int status;

	if (!command)
		return true;
	status = system(command);
	if (!status)
		return true;
	complain("torture: --setup '%s' failed (%s %d)", command,
		 WIFSIGNALED(status) ? "signal" : "status",
		 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return false;
}
