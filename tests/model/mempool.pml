/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A pool's reserve and queue (src/alloc/mempool.c), for spin, one atomic step
 * here for one there.  scripts/check-model.sh says which calls meet, by SCENE,
 * and leaves out or turns round one line at a time, by a name in capitals.
 *
 * The allocator is dry, and what it is given it keeps; so every wait ends by
 * an element of the reserve.  There is no clock.
 *
 * Asserted, beside that nobody waits for ever (an invalid end state): an
 * element is in one place; the queue is served in its order, and is not passed
 * by a call that found it; a call with a place finds a slot; and in the end
 * the reserve has what it wants.
 */

#if SCENE == 1		/* two that wait, and a free of something else */
#define WANT 1
#define SLOTS 1
#define CALLS run waiter(1, 1); run waiter(2, 1); run freer(3)
#define NCALLS 3
#elif SCENE == 2	/* two that wait, and one that must not */
#define WANT 1
#define SLOTS 1
#define CALLS run waiter(1, 1); run waiter(2, 1); run thief(3)
#define NCALLS 3
#elif SCENE == 3	/* a handler frees amid a wait, another amid a request */
#define WANT 1
#define SLOTS 1
#define CALLS run waiter(1, 1); run thief(2); \
	      run handler(3, 1); run handler(4, 2)
#define NCALLS 4
#define HANDLERS
#elif SCENE == 4	/* two that need all of the reserve */
#define WANT 2
#define SLOTS 2
#define CALLS run waiter(1, 2); run waiter(2, 2)
#define NCALLS 2
#elif SCENE == 5	/* three at the slots */
#define WANT 2
#define SLOTS 2
#define CALLS run thief(1); run thief(2); run freer(3)
#define NCALLS 3
#elif SCENE == 6	/* the reserve becomes smaller while two wait */
#define WANT 2
#define SLOTS 2
#define THEN 1
#define CALLS run waiter(1, 1); run waiter(2, 1); run resizer()
#define NCALLS 3
#elif SCENE == 7	/* and while it is taken from and freed to */
#define WANT 2
#define SLOTS 2
#define THEN 1
#define CALLS run thief(1); run thief(2); run resizer()
#define NCALLS 3
#elif SCENE == 8	/* and larger, with nothing to fill it */
#define WANT 1
#define SLOTS 2
#define THEN 2
#define CALLS run waiter(1, 1); run thief(2); run resizer()
#define NCALLS 3
#elif SCENE == 9	/* one that needs some of it, and then there are too many */
#define WANT 5
#define SLOTS 5
#define THEN 2
#define CALLS run waiter(1, 2); run resizer()
#define NCALLS 2
#elif SCENE == 10	/* one that needs all of it, and one that needs one */
#define WANT 2
#define SLOTS 2
#define CALLS run waiter(1, 2); run waiter(2, 1)
#define NCALLS 2
#endif

#ifndef THEN
#define THEN WANT
#endif

#define ELEMENTS (SLOTS + 5)
#define ROUNDS 8	/* more than other calls can be in the way */

byte slot[SLOTS];
byte curr_nr, min_nr = WANT;

bool armed, asleep_on_bell;
byte queue[5], queued;
bool turn[5], asleep_on_turn[5];

mtype = { IN_SLOT, IN_HAND, FREED };
mtype at[ELEMENTS];
byte tickets, served, emptied, done;

/* Is interrupted by a handler, and goes on when that has returned. */
byte interrupted;
#if defined(HANDLERS)
#define THREAD provided (interrupted != _pid)
#else
#define THREAD
#endif

inline take(elem)
{
	elem = 0;
	nr = curr_nr;
	i = 0;
#if defined(PLACE_BACK_FIRST)
	atomic {
		if
		:: curr_nr > 0 -> curr_nr--
		:: else -> nr = 0
		fi
	}
#endif
	do
	:: nr > 0 && i < SLOTS && elem == 0 ->
		atomic {
			elem = slot[(nr - 1 + i) % SLOTS];
			slot[(nr - 1 + i) % SLOTS] = 0;
			i++;
			if
			:: elem > 0 ->
				assert(at[elem] == IN_SLOT);
				at[elem] = IN_HAND
			:: else
			fi
		}
	:: else -> break
	od;
#if defined(PLACE_BACK_FIRST)
	if
	:: nr > 0 && elem == 0 -> curr_nr++
	:: else
	fi
#else
	if
	:: elem > 0 -> atomic { assert(curr_nr > 0); curr_nr-- }
	:: else
	fi
#endif
}

inline ring()
{
	if
	:: armed ->
		atomic {
			ok = armed;
			armed = false
		}
		if
		:: ok -> asleep_on_bell = false
		:: else
		fi
	:: else
	fi
}

inline put(elem)
{
	ok = false;
#if defined(SLOT_FIRST)
	ok = true;
#else
	do
	:: nr = curr_nr;
		if
		:: nr >= min_nr -> break
		:: else
		fi;
#if defined(PLACE_IN_TWO_STEPS)
		curr_nr = nr + 1;
		ok = true;
		break
#else
		atomic {
			if
			:: curr_nr == nr -> curr_nr++; ok = true
			:: else
			fi
		}
		if
		:: ok -> break
		:: else
		fi
#endif
	od;
#endif
#if defined(FREE_LOOKS_FIRST)
	looked = armed;
#endif
	i = 0;
	rounds = 0;
	do
	:: ok && i < SLOTS ->
		atomic {
			if
			:: slot[(nr + i) % SLOTS] == 0 ->
				slot[(nr + i) % SLOTS] = elem;
				assert(at[elem] == IN_HAND);
				at[elem] = IN_SLOT;
				break
			:: else -> i++
			fi
		}
	:: ok && i == SLOTS ->
#if defined(SLOT_FIRST)
		ok = false
#else
		i = 0;
		rounds++;
		assert(rounds < ROUNDS)
#endif
	:: !ok -> break
	od;
#if defined(SLOT_FIRST)
	if
	:: ok -> curr_nr++
	:: else
	fi
#endif
}

/* What is too many is taken and freed as any other, by the look at the places. */
inline trim(most)
{
	n = most;
	do
	:: n > 0 && queued == 0 ->
		nr = curr_nr;
		if
		:: nr > min_nr ->
			take(extra);
			n--;
			if
			:: extra > 0 ->
#if defined(TRIM_DOES_NOT_LOOK)
				at[extra] = FREED
#else
				put(extra);
				if
				:: ok -> ring()
				:: else -> at[extra] = FREED
				fi
#endif
			:: else -> break
			fi
		:: else -> break
		fi
	:: else -> break
	od
}

inline mempool_free(elem)
{
#if defined(SLOT_FIRST)
	nr = 0;
#endif
	put(elem);
	if
	:: ok ->
#if defined(FREE_LOOKS_FIRST)
		if
		:: looked -> ring()
		:: else
		fi;
#else
		ring();
#endif
#if !defined(NO_TRIM_AFTER)
		trim(1)
#endif
	:: else ->
		at[elem] = FREED;
		ring()
	fi
}

/* Both elements, or the one, or none. */
inline fetch()
{
	nr = curr_nr;
	if
	:: nr >= (missing < min_nr -> missing : min_nr) ->
		do
		:: missing > 0 ->
			take(got[missing - 1]);
			if
			:: got[missing - 1] == 0 -> break
			:: else -> missing--
			fi
		:: else -> break
		od
	:: else
	fi
}

inline leave()
{
	next = 0;
	atomic {		/* the queue's lock */
		assert(queue[0] == me && served == ticket);
		served++;
		queued--;
		n = 0;
		do
		:: n < queued -> queue[n] = queue[n + 1]; n++
		:: else -> break
		od;
		armed = false;
		if
		:: queued > 0 -> next = queue[0]; turn[next] = true
		:: else -> emptied++
		fi
	}
	if
	:: next > 0 ->
#if !defined(NEXT_SLEEPS_ON)
		asleep_on_turn[next] = false
#endif
		skip
	:: else ->
#if !defined(LAST_DOES_NOT_TRIM)
		trim(SLOTS)
#endif
		skip
	fi
}

inline wait()
{
	atomic {		/* the queue's lock */
		ticket = tickets;
		tickets++;
		queue[queued] = me;
		queued++;
		turn[me] = (queued == 1)
	}
	do
	:: missing > 0 ->
		first = turn[me];
#if defined(WAIT_LOOKS_FIRST)
		if
		:: first -> fetch()
		:: else
		fi;
#endif
		if
		:: first -> armed = true
		:: else
		fi;
#if !defined(WAIT_LOOKS_FIRST) && !defined(WAIT_DOES_NOT_LOOK)
		if
		:: first -> fetch()
		:: else
		fi;
#endif
		if
		:: missing > 0 && first ->
			atomic { asleep_on_bell = armed };
			!asleep_on_bell
		:: missing > 0 && !first ->
			atomic { asleep_on_turn[me] = !turn[me] };
			!asleep_on_turn[me]
		:: else
		fi
#if defined(WAIT_DOES_NOT_LOOK)
		;
		if
		:: first -> fetch()
		:: else
		fi
#endif
	:: else -> break
	od;
	leave()
}

proctype waiter(byte me; byte need) THREAD
{
	byte got[2], missing = need, nr, i, n, rounds, next, extra, ticket;
	bool ok, first, looked;

	if
	:: need == 1 && queued == 0 -> fetch()
	:: else
	fi;
	if
	:: missing > 0 -> wait()
	:: else
	fi;
	mempool_free(got[0]);
	if
	:: need > 1 -> mempool_free(got[1])
	:: else
	fi;
	done++
}

/* Must not wait; what it gets it gives back. */
proctype thief(byte me) THREAD
{
	byte elem, nr, i, n, rounds, extra, epoch;
	bool ok, looked, found;

	atomic { found = queued > 0; epoch = emptied };
#if defined(THIEF_DOES_NOT_LOOK)
	take(elem);
#else
	if
	:: queued == 0 -> take(elem)
	:: else
	fi;
#endif
	assert(elem == 0 || !found || emptied != epoch);
	if
	:: elem > 0 -> mempool_free(elem)
	:: else
	fi;
	done++
}

/* Its element was never in the reserve. */
proctype freer(byte me)
{
	byte nr, i, n, rounds, extra, elem = SLOTS + me;
	bool ok, looked;

	at[elem] = IN_HAND;
	mempool_free(elem);
	done++
}

/* The same on the stack of a thread. */
proctype handler(byte me; byte host)
{
	byte nr, i, n, rounds, extra, elem = SLOTS + me;
	bool ok, looked;

	at[elem] = IN_HAND;
	atomic { interrupted == 0 -> interrupted = host };
	mempool_free(elem);
	atomic { interrupted = 0; done++ }
}

proctype resizer()
{
	byte nr, i, n, rounds, extra;
	bool ok, looked;

	min_nr = THEN;
	ring();
	trim(SLOTS);
	done++
}

init
{
	byte i, there;

	atomic {
		i = 0;
		do
		:: i < WANT ->
			slot[i] = i + 1;
			at[i + 1] = IN_SLOT;
			i++
		:: else -> break
		od;
		curr_nr = WANT;
		CALLS
	}
	done == NCALLS;
	i = 0;
	do
	:: i < SLOTS ->
		there = there + (slot[i] > 0 -> 1 : 0);
		i++
	:: else -> break
	od;
	assert(there == curr_nr);
	assert(curr_nr <= min_nr && curr_nr >= (WANT < THEN -> WANT : THEN));
	assert(queued == 0)
}
