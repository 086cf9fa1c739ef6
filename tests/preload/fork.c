/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Programs that fork as programs do: "handlers", "stdio", "vfork", "rlimit",
 * "signals", "starts".
 * With TYPED they allocate by kvmalloc(), else by malloc().
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef TYPED
#include <linux/slab.h>
#define TAKE(n) kvmalloc(n, GFP_KERNEL)
#define GIVE(p) kvfree(p)
#else
#define TAKE(n) malloc(n)
#define GIVE(p) free(p)
#endif

/* fork_lib.c */
extern void lib_use(void *(*take)(size_t n), void (*give)(void *p));
extern void lib_locked(void);
extern unsigned int lib_ran(void);
extern bool lib_thread_in_child;

static volatile bool stop;

static void *take(size_t n)
{
	return TAKE(n);
}

static void give(void *p)
{
	GIVE(p);
}

static void churn(unsigned int n, unsigned int seed)
{
	unsigned char *p[64] = { NULL };
	size_t size[64];

	for (unsigned int i = 0; i < n + 64; i++) {
		unsigned int k = i % 64;

		seed = seed * 1103515245 + 12345;
		if (p[k]) {
			for (size_t b = 0; b < size[k]; b++)
				if (p[k][b] != (unsigned char)size[k])
					_exit(9);
			give(p[k]);
			p[k] = NULL;
		}
		if (i >= n)
			continue;
		size[k] = 16 + (seed >> 16) % 200;
		p[k] = take(size[k]);
		memset(p[k], (unsigned char)size[k], size[k]);
	}
}

static int wait_for(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void *locks(void *unused)
{
	while (!stop)
		lib_locked();
	return unused;
}

static void *churns(void *unused)
{
	while (!stop)
		churn(1000, 7);
	return unused;
}

static void *forks_too(void *unused)
{
	while (!stop) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		if (wait_for(pid))
			_exit(8);
	}
	return unused;
}

static void late_prepare(void)
{
	give(take(3000));
}

/* A handler that forks itself, once. */
static void forks_inside(void)
{
	static bool inside;
	pid_t pid;

	if (inside)
		return;
	inside = true;
	pid = fork();
	if (!pid) {
		give(take(50));
		_exit(3);
	}
	if (wait_for(pid) != 3)
		_exit(7);
	inside = false;
}

/*
 * Handlers from before ours and after, which allocate, take a lock under which
 * others do, start a thread and fork; beside a second thread that forks.
 */
static int handlers(void)
{
	pthread_t t[3];

	lib_use(take, give);
	pthread_atfork(late_prepare, late_prepare, late_prepare);
	pthread_create(&t[0], NULL, locks, NULL);
	pthread_create(&t[1], NULL, churns, NULL);
	pthread_create(&t[2], NULL, forks_too, NULL);
	for (unsigned int i = 0; i < 60; i++) {
		pid_t pid = fork();

		if (!pid) {
			alarm(20);
			churn(500, i);
			_exit(0);
		}
		if (wait_for(pid))
			return 2;
	}
	stop = true;
	for (unsigned int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	pthread_atfork(forks_inside, NULL, NULL);
	lib_thread_in_child = true;
	for (unsigned int i = 0; i < 5; i++) {
		pid_t pid = fork();

		if (!pid) {
			alarm(20);
			churn(500, i);
			_exit(0);
		}
		if (wait_for(pid))
			return 3;
	}
	return lib_ran() ? 0 : 4;
}

static const char *file;

static void *reads(void *unused)
{
	FILE *f = fopen(file, "r");

	while (!stop) {
		char *line = NULL;
		size_t n = 0;

		rewind(f);
		if (getline(&line, &n, f) < 0)
			_exit(6);
		free(line);
	}
	fclose(f);
	return unused;
}

static void *flushes(void *unused)
{
	while (!stop)
		fflush(NULL);
	return unused;
}

static void *writes(void *unused)
{
	while (!stop) {
		char *text = NULL;
		size_t n;
		FILE *f = open_memstream(&text, &n);

		for (unsigned int i = 0; i < 500; i++)
			fprintf(f, "line %u of some text\n", i);
		fclose(f);
		free(text);
	}
	return unused;
}

static int stdio(void)
{
	void *(*const work[])(void *) = { reads, reads, flushes, writes };
	char name[] = "./lineXXXXXX", *text;
	pthread_t t[4];
	size_t n;
	FILE *f;

	file = name;
	f = fdopen(mkstemp(name), "w");
	for (unsigned int i = 0; i < 50000; i++)
		fputc('x', f);
	fputc('\n', f);
	fclose(f);
	for (unsigned int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, work[i], NULL);
	for (time_t end = time(NULL) + 3; time(NULL) < end;) {
		pid_t pid = fork();

		if (!pid) {
			alarm(20);
			/* the list of files is free, a new one goes on it */
			f = open_memstream(&text, &n);
			fprintf(f, "%d", 5);
			fclose(f);
			fflush(NULL);
			_exit(0);
		}
		if (wait_for(pid))
			return 2;
	}
	stop = true;
	for (unsigned int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	unlink(name);
	return 0;
}

static int vforks(void)
{
	pthread_t t[2];

	for (unsigned int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, churns, NULL);
	time_t end = time(NULL) + 4;
	for (volatile unsigned int i = 0; i < 300 && time(NULL) < end; i++) {
		pid_t pid = vfork();

		if (!pid) {
			churn(20000, i);
			_exit(0);
		}
		if (wait_for(pid))
			return 2;
	}
	stop = true;
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	return system("exit 5") == 5 << 8 ? 0 : 3;
}

static volatile sig_atomic_t forks, ill;

/*
 * In the middle of whatever the program is in: the child ends, or goes on with
 * it.
 */
static void fork_here(int sig)
{
	pid_t child = fork();
	int status;

	(void)sig;
	if (child < 0)
		return;
	if (!child) {
		if (++forks % 4)
			_exit(0);
		signal(SIGALRM, SIG_IGN);
		ill = -1;
		return;
	}
	waitpid(child, &status, 0);
	forks++;
	if (status)
		ill++;
}

/* A process of one thread may fork in a signal handler. */
static int signals(void)
{
	struct itimerval soon = { .it_interval.tv_usec = 300,
				  .it_value.tv_usec = 300 };
	unsigned int rounds = 0;

	signal(SIGALRM, fork_here);
	setitimer(ITIMER_REAL, &soon, NULL);
	while (forks < 400 && !ill) {
		churn(200, ++rounds);
		give(take((size_t)4 << 20));
	}
	soon = (struct itimerval){ 0 };
	setitimer(ITIMER_REAL, &soon, NULL);
	if (ill < 0) {
		/* a child, out of the handler: all is as ever */
		churn(2000, rounds);
		_exit(0);
	}
	return (int)ill;
}

/* Address space is used up: nothing can be mapped, but to fork goes. */
static int rlimit(void)
{
	struct rlimit all = { .rlim_cur = 1 << 20, .rlim_max = 1 << 20 };
	void *p = take(100);
	pid_t pid;

	if (setrlimit(RLIMIT_AS, &all))
		return 2;
	pid = fork();
	if (!pid) {
		give(p);
		give(take(90));
		_exit(4);
	}
	if (wait_for(pid) != 4)
		return 3;
	give(p);
	return 0;
}

static int threads(void)
{
	char text[4096], *at;
	int fd = open("/proc/self/status", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	text[n > 0 ? n : 0] = 0;
	at = strstr(text, "Threads:");
	return at ? atoi(at + 8) : -1;
}

/*
 * With background=1: libc frees with locks of its threads held, so in a child
 * it is a request and no free that starts the thread.
 */
static int starts(void)
{
	enum { BLOCKS = 4000 };
	static void *p[BLOCKS];
	pid_t pid;

	for (unsigned int i = 0; i < BLOCKS; i++)
		p[i] = take(16 + i * 7 % 60000);
	pid = fork();
	if (!pid) {
		for (unsigned int i = 0; i < BLOCKS; i++)
			give(p[i]);
		if (threads() != 1)
			_exit(5);
		for (unsigned int i = 0; i < BLOCKS; i++)
			p[i] = take(16 + i * 7 % 60000);
		_exit(threads() == 2 ? 0 : 6);
	}
	return wait_for(pid);
}

int main(int argc, char **argv)
{
	int err = 99;

	if (argc < 2)
		return err;
	alarm(60);
	if (!strcmp(argv[1], "handlers"))
		err = handlers();
	if (!strcmp(argv[1], "stdio"))
		err = stdio();
	if (!strcmp(argv[1], "vfork"))
		err = vforks();
	if (!strcmp(argv[1], "signals"))
		err = signals();
	if (!strcmp(argv[1], "rlimit"))
		err = rlimit();
	if (!strcmp(argv[1], "starts"))
		err = starts();
	printf("%d\n", err);
	return err;
}
