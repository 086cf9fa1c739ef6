/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem run: a program with libkmem-malloc.so in front of its C library.
 *
 * kmem becomes the program (exec), so the process that was started is the
 * process that runs: its number, its terminal, its signals and its exit
 * status are the program's own, and nothing has to be passed on.
 */
#include "cmd.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIBRARY "libkmem-malloc.so"

/* What Debian calls the folder of this machine's libraries. */
#if defined(__x86_64__)
#define MULTIARCH "x86_64-linux-gnu"
#elif defined(__aarch64__)
#define MULTIARCH "aarch64-linux-gnu"
#else
#define MULTIARCH "."
#endif

#if !defined(KMEM_LIBDIR)
#define KMEM_LIBDIR "/usr/local/lib"
#endif

#define EVERY_MAX (365L * 24 * 3600)
/* PATH_MAX and what the numbers and words of KMEM_OPTIONS add to it. */
#define TEXT_MAX (2 * PATH_MAX + 256)

/* --- the library ---------------------------------------------------------- */

static bool readable(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, R_OK);
}

/* The folder that kmem itself lies in, without the slash. */
static void own_folder(char *dir, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", dir, size - 1);
	char *slash;

	dir[n > 0 ? n : 0] = 0;
	slash = strrchr(dir, '/');
	if (slash)
		*slash = 0;
	else
		snprintf(dir, size, ".");
}

/* KMEM_MALLOC_LIB says which library; then there is no other. */
static bool library_named(const char *named, char *found)
{
	if (readable(named) && realpath(named, found))
		return true;
	complain("run: KMEM_MALLOC_LIB=%s: %s; correct it or unset it", named,
		 errno ? strerror(errno) : "not a regular file");
	return false;
}

static bool library_find(char *found)
{
	static const char *const places[] = { "%s/" LIBRARY,
					      "%s/../lib/" MULTIARCH
					      "/" LIBRARY,
					      "%s/../lib/" LIBRARY };
	char dir[PATH_MAX], tried[4][PATH_MAX + 64];
	const char *named = getenv("KMEM_MALLOC_LIB");
	size_t i;

	errno = 0;
	if (named && *named)
		return library_named(named, found);
	own_folder(dir, sizeof(dir));
	for (i = 0; i < 4; i++) {
		if (i < 3)
			snprintf(tried[i], sizeof(tried[i]), places[i], dir);
		else
			snprintf(tried[i], sizeof(tried[i]), "%s",
				 KMEM_LIBDIR "/" LIBRARY);
		if (readable(tried[i]) && realpath(tried[i], found))
			return true;
	}
	complain("run: " LIBRARY " was not found; these were tried:");
	for (i = 0; i < 4; i++)
		fprintf(stderr, "  %s\n", tried[i]);
	fputs("Build it with 'make', or set KMEM_MALLOC_LIB to its path.\n",
	      stderr);
	return false;
}

static bool preload_set(const char *library)
{
	const char *before = getenv("LD_PRELOAD");
	char *value;

	if (strpbrk(library, ": ")) {
		complain("run: the loader cannot preload a path with a blank "
			 "or a colon: %s; copy the library elsewhere and set "
			 "KMEM_MALLOC_LIB",
			 library);
		return false;
	}
	if (!before || !*before)
		return !setenv("LD_PRELOAD", library, 1);
	if (asprintf(&value, "%s:%s", library, before) < 0)
		return false;
	return !setenv("LD_PRELOAD", value, 1);
}

int front_preload(void)
{
	char library[PATH_MAX];

	return library_find(library) && preload_set(library);
}

/* --- options -------------------------------------------------------------- */

struct run_options {
	const char *file;
	long every;
};

static bool file_check(const char *path)
{
	char dir[PATH_MAX];
	struct stat st;
	char *slash;

	if (!lstat(path, &st) && !S_ISREG(st.st_mode)) {
		complain("run: --slabinfo %s: not a regular file; the table "
			 "replaces the file, so give it one of its own",
			 path);
		return false;
	}
	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	slash[slash == dir] = 0;
	if (!access(dir, W_OK | X_OK))
		return true;
	complain("run: --slabinfo %s: cannot write to the folder %s: %s", path,
		 dir, strerror(errno));
	return false;
}

/* Absolute, because the program may change its folder. */
static bool file_absolute(const char *file, char *path, size_t size)
{
	char cwd[PATH_MAX] = "";
	int n;

	if (file[0] != '/' && !getcwd(cwd, sizeof(cwd))) {
		complain("run: --slabinfo %s: the current folder is unknown: "
			 "%s; give an absolute path",
			 file, strerror(errno));
		return false;
	}
	n = snprintf(path, size, "%s%s%s", cwd, *cwd ? "/" : "", file);
	if (*file && n < (int)size && path[n - 1] != '/')
		return true;
	complain("run: --slabinfo '%s': not the name of a file", file);
	return false;
}

/* A comma ends an option, so one in a path is spelled %c. */
static void append_path(char *to, const char *path)
{
	to += strlen(to);
	for (; *path; path++) {
		if (*path == ',') {
			*to++ = '%';
			*to++ = 'c';
		} else {
			*to++ = *path;
		}
	}
	*to = 0;
}

static bool own_options_set(const struct run_options *o)
{
	char path[PATH_MAX], mine[TEXT_MAX] = "slabinfo=";
	size_t n;

	if (!o->file)
		return options_set("run", "");
	if (!file_absolute(o->file, path, sizeof(path)) || !file_check(path))
		return false;
	append_path(mine, path);
	n = strlen(mine);
	n += (size_t)snprintf(mine + n, sizeof(mine) - n, ",slabinfo_pid=%ld",
			      (long)getpid());
	snprintf(mine + n, sizeof(mine) - n, ",every=%ld", o->every);
	return options_set("run", mine);
}

/* --- the program ---------------------------------------------------------- */

/* The file that execvp() is going to run, as far as can be told. */
static bool program_find(const char *name, char *path, size_t size)
{
	const char *dir = getenv("PATH"), *end;

	if (strchr(name, '/')) {
		snprintf(path, size, "%s", name);
		return true;
	}
	for (; dir; dir = *end ? end + 1 : NULL) {
		end = strchrnul(dir, ':');
		snprintf(path, size, "%.*s%s%s", (int)(end - dir), dir,
			 end > dir ? "/" : "", name);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

/* Does the program ask for the dynamic loader? true when unsure. */
static bool is_dynamic(const char *path)
{
	bool dynamic = true;
	Elf64_Phdr phdr;
	Elf64_Ehdr ehdr;
	int fd, i;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return true;
	if (read(fd, &ehdr, sizeof(ehdr)) != sizeof(ehdr) ||
	    memcmp(ehdr.e_ident, ELFMAG, SELFMAG) ||
	    ehdr.e_ident[EI_CLASS] != ELFCLASS64)
		goto out;
	dynamic = false;
	for (i = 0; i < ehdr.e_phnum && !dynamic; i++) {
		if (pread(fd, &phdr, sizeof(phdr),
			  (off_t)(ehdr.e_phoff +
				  (Elf64_Off)i * ehdr.e_phentsize)) !=
		    sizeof(phdr))
			break;
		dynamic = phdr.p_type == PT_INTERP;
	}
out:
	close(fd);
	return dynamic;
}

/* Says so when the program will not load the library, and why. */
static void program_check(const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	if (!program_find(name, path, sizeof(path)) || stat(path, &st))
		return;
	if ((st.st_mode & S_ISUID && st.st_uid != geteuid()) ||
	    (st.st_mode & S_ISGID && st.st_gid != getegid()))
		complain("run: %s is set-uid or set-gid, so the loader ignores "
			 "LD_PRELOAD: it keeps its own malloc",
			 path);
	else if (!is_dynamic(path))
		complain("run: %s is statically linked, so nothing can be "
			 "preloaded: it keeps its own malloc",
			 path);
}

static int program_run(char **argv)
{
	int err;

	program_check(argv[0]);
	execvp(argv[0], argv);
	err = errno;
	if (err == ENOENT && !strchr(argv[0], '/'))
		complain("run: %s: no such command in PATH", argv[0]);
	else if (err == ENOENT && !access(argv[0], F_OK))
		complain("run: %s: its interpreter (the loader, or what its "
			 "first line names) does not exist",
			 argv[0]);
	else
		complain("run: %s: %s", argv[0], strerror(err));
	return err == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC;
}

/* --- the command ---------------------------------------------------------- */

static bool every_parse(const char *text, long *every)
{
	char *end;

	errno = 0;
	*every = strtol(text, &end, 10);
	if (!errno && end != text && !*end && *every > 0 && *every <= EVERY_MAX)
		return true;
	complain("run: --every %s: give whole seconds, 1 to %ld", text,
		 EVERY_MAX);
	return false;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "slabinfo", required_argument, NULL, 's' },
		{ "every", required_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct run_options o = { 0 };
	int c;

	argv[0] = (char[]){ "kmem: run" };
	while ((c = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(cmd_run.help, stdout);
			return finish_output();
		}
		if (c == 's')
			o.file = optarg;
		else if (c != 'e' || !every_parse(optarg, &o.every))
			goto usage;
	}
	if (optind == argc) {
		complain("run: no command to run; for example: "
			 "kmem run -- ls -l");
		goto usage;
	}
	if (o.every && !o.file) {
		complain("run: --every needs --slabinfo FILE: where to write "
			 "every %ld s",
			 o.every);
		goto usage;
	}
	if (!front_preload() || !own_options_set(&o))
		return EXIT_RUN;
	return program_run(argv + optind);

usage:
	fputs("Try 'kmem help run'.\n", stderr);
	return EXIT_RUN;
}

const struct command cmd_run = {
	.name = "run",
	.summary = "run a program on libkmem's malloc",
	.help = "Usage: kmem run [OPTION...] [--] COMMAND [ARGUMENT...]\n"
		"Runs COMMAND, and the programs it starts, with the malloc of\n"
		"libkmem in front of the C library's.\n"
		"\n"
		"Options:\n"
		"  --slabinfo FILE  write the caches of COMMAND to FILE when it\n"
		"                   ends; with %p in it, each process writes\n"
		"                   a file with its number there\n"
		"  --every SEC      write FILE every SEC seconds too; programs\n"
		"                   that end by a signal or by _exit(), as sh\n"
		"                   does, write it in no other way\n"
		"  --help           this page\n"
		"\n"
		"Environment:\n"
		"  KMEM_MALLOC_LIB  path of libkmem-malloc.so; else it is looked\n"
		"                   for beside kmem and in ../lib\n"
		"  KMEM_OPTIONS     options of the library: mem=SIZE is a hard\n"
		"                   limit; the others: kmem help options.  With\n"
		"                   one that it would refuse nothing is run\n"
		"\n"
		"The exit status is COMMAND's own; 125: kmem failed; 126:\n"
		"COMMAND could not be executed; 127: it was not found.  Programs\n"
		"that are statically linked or set-uid keep their own malloc.\n"
		"\n"
		"Examples:\n"
		"  kmem run --slabinfo /tmp/slabs -- sort big.txt\n"
		"  kmem run --slabinfo /tmp/slabs.%p --every 1 -- make\n"
		"  KMEM_OPTIONS=mem=64M kmem run -- python3 job.py\n",
	.run = run,
};
