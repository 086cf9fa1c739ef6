/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem run: a program with libkmem-malloc.so in front of its C library.
 *
 * kmem becomes the program (exec), so the process that was started is the
 * process that runs: its number, its terminal, its signals and its exit status
 * are the program's own, and nothing must be passed on.
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
#include <sys/xattr.h>
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

/* KMEM_MALLOC_LIB names the library; then no other is tried. */
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

/* A script, its interpreter's interpreter, and so on. */
#define SCRIPTS_MOST 5
/* As much of a file as tells what it is. */
#define HEAD_MOST 4096

/* Why a program cannot use the library; say[] has the texts. */
enum misfit {
	FITS,
	IS_SET_ID,
	IS_STATIC,
	IS_OTHER_CLASS,
	IS_OTHER_MACHINE,
	IS_OTHER_LIBC,
};

static const char *const say[] = {
	[IS_SET_ID] = "is set-uid, set-gid or has capabilities, so the loader "
		      "ignores LD_PRELOAD",
	[IS_STATIC] = "is statically linked, so nothing can be preloaded",
	[IS_OTHER_CLASS] = "is a program of another word size than the library",
	[IS_OTHER_MACHINE] =
		"is a program for another processor than the library",
	[IS_OTHER_LIBC] =
		"is not linked to the GNU C library, which the library "
		"is made for",
};

/* What the loader cannot put into such a program, and complains of. */
static bool cannot_load(enum misfit why)
{
	return why >= IS_OTHER_CLASS;
}

static bool gnu_loader(const char *path)
{
	const char *name = strrchr(path, '/');

	name = name ? name + 1 : path;
	return !strncmp(name, "ld-linux", 8) || !strncmp(name, "ld64.so", 7) ||
	       !strncmp(name, "ld.so", 5) || !strncmp(name, "ld-2.", 5);
}

/* head has n bytes of a file that begins as one of ELF does. */
static enum misfit elf_misfit(int fd, const char *head, size_t n)
{
	char loader[PATH_MAX];
	Elf64_Ehdr e, own;
	Elf64_Phdr p;
	int i, self;
	bool narrow;
	ssize_t got;

	if (n < sizeof(e))
		return FITS;
	memcpy(&e, head, sizeof(e));
	self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (self < 0)
		return FITS;
	got = read(self, &own, sizeof(own));
	close(self);
	if (got != sizeof(own))
		return FITS;
	/* before the rest, which is elsewhere in other files than ours */
	narrow = e.e_machine == EM_386 || e.e_machine == EM_ARM;
	if (e.e_ident[EI_CLASS] != own.e_ident[EI_CLASS] &&
	    (narrow || e.e_machine == own.e_machine))
		return IS_OTHER_CLASS;
	if (e.e_machine != own.e_machine)
		return IS_OTHER_MACHINE;
	for (i = 0; i < e.e_phnum; i++) {
		if (pread(fd, &p, sizeof(p),
			  (off_t)(e.e_phoff + (Elf64_Off)i * e.e_phentsize)) !=
		    sizeof(p))
			return FITS;
		if (p.p_type != PT_INTERP)
			continue;
		got = pread(fd, loader, sizeof(loader) - 1, (off_t)p.p_offset);
		if (got <= 0)
			return FITS;
		loader[got] = 0;
		return gnu_loader(loader) ? FITS : IS_OTHER_LIBC;
	}
	return IS_STATIC;
}

/*
 * The first line of a script names its interpreter, or env and the name to be
 * looked for; the path takes its place.
 */
static bool script_follow(char *head, char *path, size_t size)
{
	char *word, *rest, *name;

	head[strcspn(head, "\n")] = 0;
	word = strtok_r(head + 2, " \t", &rest);
	if (!word)
		return false;
	name = strrchr(word, '/');
	if (!strcmp(name ? name + 1 : word, "env")) {
		do
			name = strtok_r(NULL, " \t", &rest);
		while (name && (*name == '-' || strchr(name, '=')));
		if (name)
			return program_find(name, path, size);
	}
	snprintf(path, size, "%s", word);
	return true;
}

static bool is_set_id(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return false;
	return (st.st_mode & S_ISUID && st.st_uid != geteuid()) ||
	       (st.st_mode & S_ISGID && st.st_gid != getegid()) ||
	       (geteuid() &&
		getxattr(path, "security.capability", NULL, 0) > 0);
}

/* What becomes of the program at path, which is the one that runs it then. */
static enum misfit program_misfit(char *path, size_t size)
{
	char head[HEAD_MOST + 1];
	enum misfit why = FITS;
	ssize_t n;
	int fd, i;

	for (i = 0; i < SCRIPTS_MOST; i++) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return is_set_id(path) ? IS_SET_ID : FITS;
		n = read(fd, head, HEAD_MOST);
		head[n > 0 ? n : 0] = 0;
		if (n > SELFMAG && !memcmp(head, ELFMAG, SELFMAG)) {
			why = elf_misfit(fd, head, (size_t)n);
			close(fd);
			return why == FITS && is_set_id(path) ? IS_SET_ID : why;
		}
		close(fd);
		if (n < 3 || memcmp(head, "#!", 2) != 0 ||
		    !script_follow(head, path, size))
			return FITS;
	}
	return FITS;
}

/*
 * Reports when the program will not load the library, and why; true: its loader
 * cannot be asked to either.
 */
static bool program_check(const char *name)
{
	char path[PATH_MAX], first[PATH_MAX];
	enum misfit why;

	if (!program_find(name, path, sizeof(path)))
		return false;
	memcpy(first, path, sizeof(first));
	why = program_misfit(path, sizeof(path));
	if (why == FITS)
		return false;
	if (strcmp(first, path) != 0)
		complain(
			"run: %s is run by %s, which %s: it keeps its own malloc",
			first, path, say[why]);
	else
		complain("run: %s %s: it keeps its own malloc", path, say[why]);
	return cannot_load(why);
}

static int program_run(char **argv, bool foreign)
{
	char path[PATH_MAX];
	int err;

	/* execvp() has sh read what the kernel does not run */
	if (foreign && program_find(argv[0], path, sizeof(path)))
		execv(path, argv);
	else
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
	bool foreign;
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
	foreign = program_check(argv[optind]);
	if (!foreign && (!front_preload() || !own_options_set(&o)))
		return EXIT_RUN;
	return program_run(argv + optind, foreign);

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
		"COMMAND could not be executed; 127: it was not found.  A COMMAND\n"
		"that is statically linked or set-uid, for another C library,\n"
		"word size or processor keeps its own malloc, and kmem says so.\n"
		"\n"
		"Examples:\n"
		"  kmem run --slabinfo /tmp/slabs -- sort big.txt\n"
		"  kmem run --slabinfo /tmp/slabs.%p --every 1 -- make\n"
		"  KMEM_OPTIONS=mem=64M kmem run -- python3 job.py\n",
	.run = run,
};
