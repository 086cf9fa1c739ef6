/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * confined [prctl|syscall|kmem] [early] : a program that allows itself the
 * system calls that a malloc needs, and what threads and fork() are made of,
 * and is killed for any other.  Then it does what reaches every slow path.
 * early: before main(), and before it has allocated.  With KMEM_TYPED it calls
 * the library, with UNTOLD as well only what allocates and frees.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(KMEM_TYPED)
#include <kmem/kmem.h>
#include <linux/slab.h>
#define malloc(n) kvmalloc(n, GFP_KERNEL)
#define calloc(n, size) kvzalloc((n) * (size), GFP_KERNEL)
#define realloc(p, n) kvrealloc(p, n, GFP_KERNEL)
#define free(p) kvfree(p)
#if defined(UNTOLD)
#define malloc_trim(n) (void)0
#else
#define malloc_trim(n) (void)kmem_trim()
#endif
#else
#define kmem_confined() ((void)0)
#endif

#define ALLOW(name)                                            \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static void confine(const char *how)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		ALLOW(mmap),
		ALLOW(munmap),
		ALLOW(mprotect),
		ALLOW(mremap),
		ALLOW(madvise),
		ALLOW(brk),
		ALLOW(futex),
		ALLOW(write),
		ALLOW(exit),
		ALLOW(exit_group),
		/* glibc's malloc, once */
		ALLOW(getrandom),
		/* pthread_create(), pthread_join(), fork(), waitpid() */
		ALLOW(clone),
		ALLOW(clone3),
		ALLOW(rt_sigaction),
		ALLOW(rt_sigprocmask),
		ALLOW(set_robust_list),
		ALLOW(rseq),
		ALLOW(wait4),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog prog = { sizeof(filter) / sizeof(*filter), filter };
	long failed;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!strcmp(how, "syscall")) {
		failed = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				 SECCOMP_FILTER_FLAG_TSYNC, &prog);
	} else {
		if (!strcmp(how, "kmem"))
			kmem_confined();
		failed = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
	}
	if (failed)
		_exit(77);
}

#define SAY(text) ((void)!write(1, text, sizeof(text) - 1))
#define SLOTS 4096

static void *_Atomic slot[SLOTS];

static size_t size_of(unsigned int r)
{
	switch (r % 16) {
	case 0:
		return (size_t)(r >> 8) % (8 << 20) + 1;
	case 1:
	case 2:
		return (r >> 8) % (256 << 10) + 1;
	default:
		return (r >> 8) % 3000 + 1;
	}
}

/* Blocks are taken by one thread and freed or grown by another. */
static void *work(void *arg)
{
	unsigned int r = (unsigned int)(size_t)arg * 7919 + 1;
	char *p;
	size_t n;

	for (unsigned int i = 0; i < 6000; i++) {
		r = r * 1103515245 + 12345;
		n = size_of(r ^ i << 9);
		p = slot[(r >> 12) % SLOTS];
		p = __atomic_exchange_n((void **)&slot[(r >> 12) % SLOTS], NULL,
					__ATOMIC_ACQ_REL);
		if (p && i % 5 == 0) {
			char *q = realloc(p, n);

			p = q ? q : p;
		} else {
			free(p);
			p = i % 3 ? malloc(n) : calloc(1, n);
			if (p)
				p[0] = p[n - 1] = 1;
		}
		free(__atomic_exchange_n((void **)&slot[(r >> 14) % SLOTS], p,
					 __ATOMIC_ACQ_REL));
	}
	return NULL;
}

static void threads(void)
{
	pthread_t t[4];

	for (size_t i = 0; i < 4; i++)
		if (pthread_create(&t[i], NULL, work, (void *)i))
			_exit(3);
	for (size_t i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
}

static void each_size(void)
{
	void *held[64];

	for (size_t n = 1; n < 64 << 20; n += n / 3 + 1) {
		for (int i = 0; i < (n > 1 << 20 ? 2 : 64); i++) {
			held[i] = malloc(n);
			if (held[i])
				memset(held[i], 1, n < 9 << 20 ? n : 1);
		}
		for (int i = 0; i < (n > 1 << 20 ? 2 : 64); i++)
			free(held[i]);
	}
	for (int i = 0; i < SLOTS; i++)
		free(__atomic_exchange_n((void **)&slot[i], NULL,
					 __ATOMIC_ACQ_REL));
	malloc_trim(0);
}

#if !defined(UNTOLD)
static void forks(int depth)
{
	int status = 1;
	pid_t pid = fork();

	if (!pid) {
		work((void *)9);
		each_size();
		if (depth)
			forks(depth - 1);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		_exit(4);
}
#endif

static __attribute__((constructor)) void early(int argc, char **argv)
{
	if (argc > 2)
		confine(argv[1]);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		confine(argc > 1 ? argv[1] : "prctl");
	work(NULL);
	SAY("alone ");
	threads();
	SAY("threads ");
	each_size();
	SAY("sizes ");
#if !defined(UNTOLD)
	forks(1);
#endif
	threads();
	each_size();
#if defined(KMEM_TYPED) && !defined(UNTOLD)
	for (int i = 0; i < 5000; i++) {
		struct kmem_cache *s =
			kmem_cache_create("confined", 64, 0, 0, NULL);

		kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL));
		kmem_cache_shrink(s);
		kmem_cache_destroy(s);
	}
	SAY("caches ");
#endif
	SAY("done\n");
	return 0;
}
