/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The sources that tell a Linux process that memory is short.
 *
 *	watch	$MEMORY_PRESSURE_WATCH, as service managers set it: a FIFO or
 *		an AF_UNIX stream socket to read from, or a file whose poll()
 *		reports POLLPRI; what $MEMORY_PRESSURE_WRITE holds in base64 is
 *		written into it first.  "/dev/null": do not watch anything.
 *	psi	a trigger in memory.pressure of the own group, or else in
 *		/proc/pressure/memory: 150 ms of stalls within 2 s, a window
 *		that the kernel grants to any user.
 *	cgroup	what the own group uses, against its limits, checked whenever
 *		the caller's time-out ends; and, where there is memory.events,
 *		as soon as the kernel changes it.
 *
 * The group is that of the memory controller in /proc/self/cgroup, and its
 * folder is where /proc/self/mountinfo shows it.  KMEM_OPTIONS=pressure_root=
 * is put before all these paths except the manager's.
 *
 * The files stay open under high numbers.  A program may close them, and may
 * then have another file under the number, so before a file is read it is
 * compared with what was opened; a file that is not ours is dropped, as is a
 * source that fails.
 */
#define _GNU_SOURCE 1

#include "port/linux/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/options.h"
#include "lib/text.h"
#include "port/linux/confine.h"
#include "port/linux/own.h"

#define PATH_BYTES 1024
#define TRIGGER "some 150000 2000000"
/* Within this part of the limit a group is about to be reclaimed from. */
#define NEAR_SHARE 16

enum how { DRAIN, PRIORITY, EVENTS };

struct source {
	int fd; /* -1: none */
	enum how how;
	ino_t ino;
	dev_t dev;
};

/* One of watch, psi, and the group's events. */
static struct source sources[3] = { { .fd = -1 }, { .fd = -1 }, { .fd = -1 } };

/* Of the group: files, the second limit being optional; "" when there is none.
 */
struct {
	char current[PATH_BYTES];
	char limit[2][PATH_BYTES];
	uint64_t events; /* of memory.events, as seen last */
} group BULKY("group");

/* --- files ---------------------------------------------------------------- */

/* The start of a file as text, in n bytes with the NUL; false: not readable. */
static bool read_text(const char *path, char *buf, size_t n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return false;
	got = TEMP_FAILURE_RETRY(read(fd, buf, n - 1));
	close(fd);
	if (got < 0)
		return false;
	buf[got] = 0;
	return true;
}

/* A number at the start of a text; "max", and any other word, is no limit. */
static uint64_t number_of(const char *s)
{
	return *s >= '0' && *s <= '9' ? strtoull(s, NULL, 10) : UINT64_MAX;
}

static uint64_t read_number(const char *path)
{
	char text[64];

	return *path && read_text(path, text, sizeof(text)) ? number_of(text) :
							      UINT64_MAX;
}

/* Calls fn for each line of a file, cut at the size of a path, until true. */
static bool each_line(const char *path, bool (*fn)(char *line, void *ctx),
		      void *ctx)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char buf[512], line[PATH_BYTES];
	size_t at = 0;
	bool found = false;
	ssize_t got;

	if (fd < 0)
		return false;
	while (!found &&
	       (got = TEMP_FAILURE_RETRY(read(fd, buf, sizeof(buf)))) > 0) {
		for (ssize_t i = 0; i < got && !found; i++) {
			if (buf[i] != '\n') {
				if (at < sizeof(line) - 1)
					line[at++] = buf[i];
				continue;
			}
			line[at] = 0;
			at = 0;
			found = fn(line, ctx);
		}
	}
	close(fd);
	return found;
}

/* --- sources -------------------------------------------------------------- */

static bool fd_is_ours(const struct source *s)
{
	struct stat st;

	return s->fd >= 0 && !fstat(s->fd, &st) && st.st_ino == s->ino &&
	       st.st_dev == s->dev;
}

static void forget(struct source *s)
{
	if (fd_is_ours(s))
		close(s->fd);
	s->fd = -1;
}

/* fd, which may be negative, becomes a source; is it one now? */
static bool keep(struct source *s, int fd, enum how how)
{
	struct stat st;

	if (fd < 0)
		return false;
	if (fstat(fd, &st)) {
		close(fd);
		return false;
	}
	s->fd = linux_move_high(fd);
	s->how = how;
	s->ino = st.st_ino;
	s->dev = st.st_dev;
	return true;
}

/* The path below the option's folder: to, or NULL and "" in it. */
static const char *under_root(char *to, const char *path)
{
	size_t n;
	const char *root = option_text(OPT_PRESSURE_ROOT, &n);

	if (text_format(to, PATH_BYTES, "%.*s%s", (int)n, root ? root : "",
			path) < PATH_BYTES)
		return to;
	*to = 0;
	return NULL;
}

/* --- the manager ---------------------------------------------------------- */

static int digit64(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* The bytes, at most n of them; negative: that is not base64, or is more. */
static ssize_t decode64(const char *s, char *to, size_t n)
{
	unsigned int bits = 0, word = 0;
	size_t at = 0;

	for (; *s && *s != '='; s++) {
		int d = digit64(*s);

		if (d < 0)
			return -1;
		word = word << 6 | (unsigned int)d;
		bits += 6;
		if (bits < 8)
			continue;
		if (at == n)
			return -1;
		bits -= 8;
		to[at++] = (char)(word >> bits);
	}
	return s[strspn(s, "=")] ? -1 : (ssize_t)at;
}

static int socket_open(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(to.sun_path))
		return -1;
	memcpy(to.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int manager_open(const char *path, enum how *how)
{
	struct stat st;

	if (path[0] != '/' || stat(path, &st))
		return -1;
	*how = S_ISREG(st.st_mode) ? PRIORITY : DRAIN;
	if (S_ISSOCK(st.st_mode))
		return socket_open(path);
	/* a FIFO that is open for writing too has never seen its last writer */
	if (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode))
		return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return -1;
}

/* The environment when a source was first opened. */
static struct {
	bool read;
	char watch[PATH_BYTES];
	char first[512]; /* bytes to write, decoded */
	ssize_t nr_first;
} manager;

static void manager_read(void)
{
	const char *watch, *first;

	if (manager.read || getauxval(AT_SECURE))
		return;
	manager.read = true;
	watch = getenv("MEMORY_PRESSURE_WATCH");
	first = getenv("MEMORY_PRESSURE_WRITE");
	if (!watch || strlen(watch) >= sizeof(manager.watch))
		return;
	memcpy(manager.watch, watch, strlen(watch));
	if (first)
		manager.nr_first =
			decode64(first, manager.first, sizeof(manager.first));
}

/* 1, 0, or -1: not to be watched. */
static int open_watch(struct source *s)
{
	enum how how = DRAIN;
	int fd;

	manager_read();
	if (!strcmp(manager.watch, "/dev/null"))
		return -1;
	if (manager.nr_first < 0)
		return 0;
	fd = manager_open(manager.watch, &how);
	if (fd >= 0 && manager.nr_first &&
	    TEMP_FAILURE_RETRY(
		    write(fd, manager.first, (size_t)manager.nr_first)) !=
		    manager.nr_first) {
		close(fd);
		fd = -1;
	}
	return keep(s, fd, how);
}

/* --- the group ------------------------------------------------------------ */

struct place {
	bool v2_only;          /* what is asked */
	bool v1;               /* the memory controller is on a v1 hierarchy */
	bool known;            /* the path is */
	char path[PATH_BYTES]; /* of the group in its hierarchy */
	char at[PATH_BYTES];   /* its folder */
};

/* Is the word one of those in the list?  That is cut to pieces. */
static bool listed(char *list, const char *word)
{
	char *at;

	while ((at = strsep(&list, ",")))
		if (!strcmp(at, word))
			return true;
	return false;
}

/* "4:memory:/path" or "0::/path"; the first kind decides. */
static bool group_line(char *line, void *ctx)
{
	struct place *p = ctx;
	char *id = strsep(&line, ":"), *list = strsep(&line, ":");
	bool v2;

	if (!line)
		return false;
	v2 = !strcmp(id, "0") && !*list;
	if (!p->v2_only && listed(list, "memory"))
		p->v1 = true;
	else if (!v2)
		return false;
	memcpy(p->path, line, strlen(line) + 1);
	p->known = true;
	return p->v1 || p->v2_only;
}

/* Spaces and the like are written as \040. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] && s[2] && s[3]) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
				       (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = 0;
}

/* id parent dev root point options [tags] - type source super-options */
static bool mount_line(char *line, void *ctx)
{
	struct place *p = ctx;
	char *at = line, *root, *point, *type, *super;
	const char *below = p->path;
	size_t n;

	for (int i = 0; i < 3; i++)
		strsep(&at, " ");
	root = strsep(&at, " ");
	point = strsep(&at, " ");
	for (type = strsep(&at, " "); type && strcmp(type, "-");)
		type = strsep(&at, " ");
	type = strsep(&at, " ");
	strsep(&at, " ");
	super = strsep(&at, " ");
	if (!super || strcmp(type, p->v1 ? "cgroup" : "cgroup2") ||
	    (p->v1 && !listed(super, "memory")))
		return false;
	unescape(root);
	unescape(point);
	n = strcmp(root, "/") ? strlen(root) : 0;
	/* what is mounted from elsewhere is a container's view of its own */
	if (strncmp(below, root, n) || (below[n] && below[n] != '/') ||
	    !strncmp(below, "/..", 3))
		below = "";
	else
		below += n;
	if (!strcmp(below, "/"))
		below = "";
	return text_format(p->at, sizeof(p->at), "%s%s", point, below) <
	       (int)sizeof(p->at);
}

static bool group_find(struct place *p, bool v2_only)
{
	char path[PATH_BYTES];

	*p = (struct place){ .v2_only = v2_only };
	if (under_root(path, "/proc/self/cgroup"))
		each_line(path, group_line, p);
	return p->known && under_root(path, "/proc/self/mountinfo") &&
	       each_line(path, mount_line, p);
}

/* A file of the group's folder: to, or NULL and "" in it. */
static const char *group_file(char *to, const struct place *p, const char *name)
{
	char path[PATH_BYTES];

	*to = 0;
	if (text_format(path, sizeof(path), "%s/%s", p->at, name) >=
	    (int)sizeof(path))
		return NULL;
	return under_root(to, path);
}

static uint64_t events_seen(int fd)
{
	char text[512], *at;
	uint64_t sum = 0;
	ssize_t got;

	got = pread(fd, text, sizeof(text) - 1, 0);
	if (got <= 0)
		return 0;
	text[got] = 0;
	/* "high 12" and "max 3", each a line */
	for (at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, "high ", 5) || !strncmp(at, "max ", 4))
			sum += number_of(strchr(at, ' ') + 1);
	}
	return sum;
}

static bool open_group(struct source *s)
{
	char path[PATH_BYTES];
	struct place p;

	group.current[0] = 0;
	if (!group_find(&p, false))
		return false;
	if (p.v1) {
		group_file(group.current, &p, "memory.usage_in_bytes");
		group_file(group.limit[0], &p, "memory.limit_in_bytes");
		group.limit[1][0] = 0;
	} else {
		group_file(group.current, &p, "memory.current");
		group_file(group.limit[0], &p, "memory.high");
		group_file(group.limit[1], &p, "memory.max");
		if (group_file(path, &p, "memory.events") &&
		    keep(s, open(path, O_RDONLY | O_CLOEXEC), EVENTS))
			group.events = events_seen(s->fd);
	}
	/* the root of a hierarchy has no such files */
	if (read_number(group.current) == UINT64_MAX)
		group.current[0] = 0;
	return group.current[0] || s->fd >= 0;
}

/* A limit that may be set later is looked at each time. */
static bool near_limit(void)
{
	uint64_t used = read_number(group.current), limit = UINT64_MAX, l;

	for (int i = 0; i < 2; i++) {
		l = read_number(group.limit[i]);
		limit = l < limit ? l : limit;
	}
	return used != UINT64_MAX && limit != UINT64_MAX &&
	       used >= limit - limit / NEAR_SHARE;
}

/* --- stalls --------------------------------------------------------------- */

static int trigger_open(const char *path)
{
	int fd = path ? open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1;

	if (fd >= 0 &&
	    TEMP_FAILURE_RETRY(write(fd, TRIGGER, sizeof(TRIGGER))) !=
		    sizeof(TRIGGER)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool open_psi(struct source *s)
{
	char path[PATH_BYTES];
	struct place p;
	int fd = -1;

	if (group_find(&p, true) && strcmp(p.path, "/"))
		fd = trigger_open(group_file(path, &p, "memory.pressure"));
	if (fd < 0)
		fd = trigger_open(under_root(path, "/proc/pressure/memory"));
	return keep(s, fd, PRIORITY);
}

/* --- the port's calls ----------------------------------------------------- */

static int open_wanted(unsigned int wanted)
{
	int got = 0, watch = 0;

	for (int i = 0; i < 3; i++)
		forget(&sources[i]);
	group.current[0] = 0;
	if (wanted & PORT_PRESSURE_WATCH)
		watch = open_watch(&sources[0]);
	if (watch < 0)
		return -1;
	if (watch)
		got |= PORT_PRESSURE_WATCH;
	if (wanted & PORT_PRESSURE_PSI && open_psi(&sources[1]))
		got |= PORT_PRESSURE_PSI;
	if (wanted & PORT_PRESSURE_CGROUP && open_group(&sources[2]))
		got |= PORT_PRESSURE_CGROUP;
	return got;
}

int port_pressure_open(unsigned int wanted)
{
	KEEPS_ERRNO();

	return confined() ? 0 : open_wanted(wanted);
}

/* Reads what there is; false: the other end is closed. */
static bool psi_drain(int fd)
{
	char buf[256];
	ssize_t got = 1;

	/* more is read at the next call */
	for (int i = 0; i < 64 && got > 0; i++)
		got = TEMP_FAILURE_RETRY(read(fd, buf, sizeof(buf)));
	return got > 0 || (got < 0 && errno == EAGAIN);
}

/* poll() reported events of a source: is it pressure? */
static bool speaks(struct source *s, short revents)
{
	uint64_t seen;
	bool event;

	if (!fd_is_ours(s)) {
		s->fd = -1;
		return false;
	}
	switch (s->how) {
	case DRAIN:
		event = revents & POLLIN;
		if (!psi_drain(s->fd))
			forget(s);
		return event;
	case PRIORITY:
		/* of a group that is gone */
		if (revents & (POLLERR | POLLHUP | POLLNVAL))
			forget(s);
		return revents & POLLPRI;
	case EVENTS:
		seen = events_seen(s->fd);
		event = seen > group.events;
		group.events = seen;
		return event;
	}
	return false;
}

bool port_pressure_wait(int64_t timeout_ns)
{
	KEEPS_ERRNO();
	int64_t ms = timeout_ns < 0 ? -1 : timeout_ns / 1000000;
	struct pollfd fds[3];
	bool event = false;

	for (int i = 0; i < 3; i++)
		fds[i] = (struct pollfd){
			.fd = sources[i].fd,
			.events = sources[i].how == DRAIN ? POLLIN : POLLPRI,
		};
	if (poll(fds, 3, ms > INT32_MAX ? INT32_MAX : (int)ms) < 0)
		return false;
	for (int i = 0; i < 3; i++)
		if (sources[i].fd >= 0 &&
		    (fds[i].revents || sources[i].how == EVENTS))
			event |= speaks(&sources[i], fds[i].revents);
	return event | near_limit();
}
