/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The port: all that the core asks of the outside world.
 *
 * linux/ is one of a process, fake/ one of unit tests, bare/ one of a kernel.
 *
 * Memory states.  An address range is
 *	claimed	not mapped: we may commit it, unless others map there first
 *	usable		reads as zero until written; costs memory when touched
 * port_claim() chooses a range, port_commit() makes a part usable and
 * port_uncommit() ends that, port_purge() returns the memory of a usable part
 * and leaves it usable, so it reads as zero again.  All sizes and addresses
 * are multiples of port_page_size(), which is a run-time property of the OS
 * and may be larger than the core's PAGE_SIZE.
 *
 * Context.  A call marked [nb] neither sleeps nor enters the OS's kernel
 * (port_cpu() may, on systems that cannot tell the CPU otherwise).  Nothing
 * here may call back into the allocator.
 */
#ifndef PORT_PORT_H
#define PORT_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/task.h"

/*
 * What a port calls of the core: so that no request boots the layers (of
 * malloc(), whose callers may wait, if there are options); at exit, if that is
 * there, where it says which status the process is to have instead of its own,
 * or 0.  The first is no weak symbol, so a program with libkmem.a that calls a
 * lower layer alone has the upper ones as well: options are read there.
 */
void core_start(void);
int core_end(void) __attribute__((weak));
extern bool core_is_front;
/* [p, p + n), which port_commit() said was taken, is not any more. */
void core_memory(void *p, size_t n) __attribute__((weak));

/*
 * Counts one step of a loop that a request which must not block may run:
 * a test holds their number against the bound that is promised.
 */
#if KMEM_DEBUG
#define PORT_STEP() ((void)port_task()->steps++)
#else
#define PORT_STEP() ((void)0)
#endif

/*
 * Prepares the port; called once, through port_start(), before any other
 * call but port_on_fork(). 0 or -ENOMEM.
 */
int port_init(void);

/* Bytes of the OS's page, a power of two. [nb] */
size_t port_page_size(void);

/*
 * Chooses *size bytes of addresses aligned to align (a power of two), or the
 * largest power-of-two fraction of it, not below min, that there is room for;
 * the size is stored back.  NULL when not even min fits.  Called once.
 */
void *port_claim(size_t *size, size_t min, size_t align);

/*
 * Called once, after the claim.  1: all is stored, multiples of its alignment;
 * 0: the claim begins at physical 0 and ends in its records; or -ENOMEM.
 */
struct port_direct {
	void *records; /* n bytes, usable from now on, with any content */
	uint64_t physical, dma_end; /* of the first byte; of ZONE_DMA */
};
int port_direct(size_t n, struct port_direct *d);

/*
 * Does the OS count what is usable, touched or not, against a limit of the
 * process, as far as is known now?  Enters the OS.
 */
bool port_counts(void);

/*
 * Makes [p, p + n) of a claimed range usable: 0; or, with nothing changed,
 * PORT_NO_MEMORY, or PORT_TAKEN when another mapping is in it.
 */
#define PORT_NO_MEMORY (-12)
#define PORT_TAKEN (-17)
int port_commit(void *p, size_t n);

/*
 * The usable range [p, p + n) is only claimed from now on.  false: the OS
 * cannot; it is as it was.
 */
bool port_uncommit(void *p, size_t n);

/* A hint: the usable range [p, p + n) may be backed by large pages. */
void port_large(void *p, size_t n);

/*
 * Makes the usable range [p, p + n) resident, with its content, even while
 * others write to it: 0 or -ENOMEM.  port_lock_memory() locks it: 0, or
 * negative when the OS does not allow as much.
 */
int port_populate(void *p, size_t n);
/* The same for the core's own code and data. */
int port_populate_image(void);
int port_lock_memory(void *p, size_t n);

/* Gives the memory of the usable range [p, p + n) back; it reads as zero. */
void port_purge(void *p, size_t n);

/*
 * Overwrites the usable range [p, p + n) with zeros, resident or not; it is
 * about to be used again, so its memory is kept.
 */
void port_clear(void *p, size_t n);

/*
 * Whole pages of the OS, of a usable range or of port_map(), fault when they
 * are touched, or no longer; their content stays.  false: the OS cannot, and
 * they are as they were.  Does not sleep.
 */
bool port_guard(void *p, size_t n, bool on);

/*
 * Has fn, one of two, asked from now on about each fault of a thread: where,
 * the code that did it, and how.  true: it can go on, as fn has made the place
 * accessible; false: what the program, or the OS, does with a fault is done.
 * fn runs in the thread, in the middle of any code.  false: no faults are seen.
 */
typedef bool fault_fn(void *addr, const void *pc, bool write);
bool port_on_fault(fault_fn *fn);

/*
 * A second address for a usable range; docs/porting.md says more.  False: no.
 */
bool port_share(void *p, size_t n);
bool port_unshare(void *p, size_t n);
bool port_alias(void *at, const void *p, size_t n);
bool port_fork_save(const void *p, size_t n);
bool port_fork_saved(bool child);

/*
 * A range of its own: n usable bytes aligned to align, and a page after them
 * when guard is set, which faults where the OS can do so. NULL when there is
 * none.
 */
void *port_map(size_t n, size_t align, bool guard);

/* Ends a range of port_map(); n and guard as they were given. */
void port_unmap(void *p, size_t n, bool guard);

/*
 * Changes a range of port_map(.., guard) from old to n bytes, moving its
 * pages and not its bytes when it must move. NULL leaves it as it was.
 */
void *port_remap(void *p, size_t old, size_t n, bool guard);

/*
 * Cuts a range of n bytes of port_map(.., true) in two, each with a guard:
 * at bytes from p on, and what lies behind one page after them.  false leaves
 * it as it was.
 */
bool port_split(void *p, size_t n, size_t at);

/*
 * Joins two ranges: n bytes at p, their guard, which becomes usable, and more
 * bytes behind it.  false leaves them as they were, as it must when they cannot
 * be remapped as one.
 */
bool port_join(void *p, size_t n, size_t more);

/* The CPU the caller runs on, now; it may have changed on return. [nb] */
unsigned int port_cpu(void);

/* CPU ids are below this number, as known now; it can grow. [nb] */
unsigned int port_nr_cpus(void);

/*
 * Sets the bits of the CPUs that are on, of those that so many words have room
 * for, and returns how many CPUs are; 0, and nothing set: it is not known.
 */
unsigned int port_cpus_online(uint64_t *map, size_t words);

/* The running thread's record; the same pointer for its whole life. [nb] */
struct port_task *port_task(void);

/* A number that tells processes apart and changes in a forked child. [nb] */
unsigned int port_pid(void);

/* A number that tells threads apart, as the OS does; enters it. */
unsigned int port_tid(void);

/* The running thread's name, for reports; at most n bytes with the NUL. */
void port_comm(char *buf, size_t n);

/*
 * Sleeps while *word is val, until port_wake() or timeout_ns have passed
 * (negative: no limit). Spurious returns are allowed.
 */
void port_wait(uint32_t *word, uint32_t val, int64_t timeout_ns);

/* Wakes up to n threads that sleep on word. */
void port_wake(uint32_t *word, int n);

/*
 * In builds with KMEM_INJECT=1 only: another thread, or a substitute for a
 * signal handler, runs here, between two steps of the lock backend.
 */
#if KMEM_INJECT
void port_inject(void);
#endif

/*
 * A thread that runs fn until the process ends or fn returns; in a forked
 * child there is none.  0; -EBUSY: it is too early, try again later; another
 * negative error: not now, or not on this port.
 */
int port_thread(void (*fn)(void));

/* Monotonic time in ns; resolution of a few ms is enough. [nb] */
uint64_t port_clock_ns(void);

/* Appends n bytes to the log, whole lines at a time. */
void port_write(const char *text, size_t n);

/* Ends the machine or process after a report. */
void port_die(void) __attribute__((noreturn));

/*
 * The text of the options, KMEM_OPTIONS in a process: "key=value,key" and so
 * on; "" when there is none or it must not be trusted (set-uid). [nb]
 */
const char *port_options(void);

/*
 * Is the caller, since the last fork, the only thread?  A port that cannot tell
 * says false. [nb]
 */
bool port_alone(void);

/*
 * What runs around each fork from port_init() on: prepare before it, then one
 * of the other two in each process.  The one call that comes before
 * port_init(), so that no fork runs only some of the handlers.
 */
void port_on_fork(void (*prepare)(void), void (*parent)(void),
		  void (*child)(void));

/*
 * A word of memory that is 0 at first, and 0 again in every process that the
 * running one creates with memory of its own, by whatever call, without a
 * handler of ours.  NULL: this port cannot do that. [nb]
 */
uint32_t *port_wiped(void);

/*
 * A zeroed area of n bytes that tools of the same user can find under this name
 * and read while the process runs; NULL when there is no such thing, or the
 * process must show nothing (set-uid).  Its first *usable bytes can be used;
 * port_publish_more() makes as many more usable as asked, or none.
 *
 * port_publish_again() is for the child of a fork, which must not write into
 * its parent's area: a new one replaces it at the same address, with its first
 * used bytes copied.  False: there is none, the old one must not be touched any
 * more, and no tool finds the child by it.
 */
void *port_publish(const char *name, size_t n, size_t *usable);
bool port_publish_more(void *area, size_t usable, size_t wanted);
bool port_publish_again(void *area, size_t n, size_t used);

/* Where tools have the area among several of the process; ascending. [nb] */
unsigned int port_publish_number(void);

/*
 * Pressure from outside.  port_pressure_open() opens what it can of the wanted
 * sources, in place of those that were open, and returns which; or -1 when the
 * service manager's was wanted and it says that this process must not watch.
 * In the child of a fork nothing is open until it is called again.
 * port_pressure_wait() sleeps until a source reports pressure, for timeout_ns
 * at most, and returns whether one did.  One caller at a time.
 */
enum port_pressure {
	PORT_PRESSURE_WATCH = 1,  /* of the service manager */
	PORT_PRESSURE_PSI = 2,    /* tasks stall for memory */
	PORT_PRESSURE_CGROUP = 4, /* the limit of the process's group is near */
};

int port_pressure_open(unsigned int wanted);
bool port_pressure_wait(int64_t timeout_ns);

/*
 * Restartable sequences (<kmem/sequence.h>), except port_rseq_disown() only
 * where KMEM_RSEQ is 1; a port that has none returns 0 from the first call.
 *
 * port_rseq_start(): may this process use them, if it wants to?  Registration,
 * signature and the fence were tried, not guessed from a version.  Returns a
 * number that every CPU's id is below, for ever; 0: no.  *area becomes the
 * distance from a thread's pointer to its area; if 0 is returned, to 32 bytes
 * of the thread of which the word at 4 is -1 for ever, and the words from 8 on
 * may be written.  port_rseq_disown(): the caller's area, unless the kernel
 * knows it, gets a cpu_id of -1.  port_rseq_fence(): when it returns true,
 * every sequence that any thread of the process was in has ended or begun
 * again, and sees what was written before the call.  False: the OS refuses, and
 * sequences may still run.
 */
unsigned int port_rseq_start(bool wanted, int64_t *area);
void port_rseq_disown(void);
bool port_rseq_fence(void);

/*
 * Read-copy-update.  port_rcu_call() has fn(head) run once every reader that is
 * inside a section now has left it; head belongs to the port until then.  [nb]
 * It only hands over: port_rcu_poll(), which the core calls soon, begins a
 * grace period, and does not wait for its end; a port without readers runs
 * every fn there.  It may run them, so its caller must hold no lock that they
 * take.  False: it could not be done now, call it again.
 * port_rcu_synchronize() waits for such readers; false: there may be some that
 * cannot be waited for.  port_rcu_barrier() waits until every fn handed over
 * before has run, except those that such readers keep for ever.  Not from
 * inside a section.
 */
struct port_rcu {
	struct port_rcu *next;
	void (*fn)(struct port_rcu *head);
};

void port_rcu_call(struct port_rcu *head, void (*fn)(struct port_rcu *head));
bool port_rcu_poll(void);
bool port_rcu_synchronize(void);
void port_rcu_barrier(void);

/*
 * The addresses that the running functions return to, from the caller of this
 * one outwards, at most n; returns how many there are.  0: this port, or the
 * code around, cannot tell.  Its first call may set something up; later ones do
 * not allocate. [nb] from then on.
 */
unsigned int port_stack(void **pc, unsigned int n);

/*
 * The function by which another copy of the library in this process learns that
 * a section of the running thread begins or ends; caller is the code that said
 * so.  NULL: there is no other copy.
 */
typedef void section_fn(enum port_section which, bool begins,
			const void *caller);
section_fn *port_other_copy(void);

/*
 * The function that decides which requests of the API fail, of so many bytes
 * and made at the code caller; NULL: none are made to fail.
 */
typedef bool fail_fn(size_t bytes, const void *caller);
fail_fn *port_failing(void);

/* <port/watch.h>; NULL: there is none.  Called once the port is set up. */
struct port_watch;
const struct port_watch *port_watch(void);

/*
 * The process is going to be confined to few system calls, and ended for any
 * other: from now on the port maps memory, waits and wakes, and writes reports.
 * What needs more is refused: a fence, a thread, pressure, an area.
 */
void port_confine(void);

/*
 * The object that was loaded with this address in it, the library or what
 * contains it, is not unloaded while the process lives.
 */
void port_stay(const void *address);

/*
 * The name of the code at addr as "symbol+0xoff/0xsize" or "0xaddr", with a
 * NUL, in at most n bytes. For reports only.
 */
void port_symbol(const void *addr, char *buf, size_t n);

/*
 * The lines of source that the n addresses of a stack are from, each
 * "FILE:LINE" or NULL; fault: the first is of an instruction, all others are
 * returned to. NULL: there are none. What is got must be given back by
 * port_lines_end(). For reports only, which may be made anywhere.
 */
const char *const *port_lines(void *const *pc, unsigned int n, bool fault);
void port_lines_end(void);

#endif
