/* SPDX-License-Identifier: MIT
 *
 * bell.pml - doorbell, owner word and a writer that may be killed at any step
 *
 * One writer publishes VERSIONS versions of one entry (two words, K slots), and rings after each. It may be killed
 * between any two steps; the kernel then marks the owner word and wakes one sleeper. Two readers sample their ticket,
 * look, and sleep on bell and owner until either differs. Memory is sequentially consistent here: what weaker memory
 * adds is release_acquire.py's part.
 *
 * Must hold: no accepted copy is torn; no reader goes back; no reader sleeps for ever after a ring or a death; whoever
 * is told of the death has seen the last version.
 *
 * -DLIVES: the writer is not killed and does not end; sleeping readers must then have seen everything.
 * Mutants, each of which must fail: RING_FIRST WAKE_FIRST NO_CHAIN SAMPLE_LATE WIDE_WINDOW BELL_ONLY
 */

#ifndef K
#define K 3
#endif
#ifndef VERSIONS
#define VERSIONS 3
#endif
#define READERS 2

#ifdef WIDE_WINDOW
#define WINDOW (K - 1)
#else
#define WINDOW (K - 2)
#endif

byte head = 0;
byte first[K];
byte second[K];
byte bell = 0;
bool owner_died = false;
bool asleep[READERS];
byte seen[READERS];

inline wake_all()
{
	atomic {
		asleep[0] = false;
		asleep[1] = false
	}
}

/* The kernel's wake for a robust futex: one sleeper, whichever. Only those who sleep on the owner word hear it. */
inline wake_one()
{
#ifdef BELL_ONLY
	skip
#else
	atomic {
		if
		:: asleep[0] -> asleep[0] = false
		:: asleep[1] -> asleep[1] = false
		:: !asleep[0] && !asleep[1] -> skip
		fi
	}
#endif
}

inline may_be_killed()
{
#ifdef LIVES
	skip
#else
	if
	:: goto killed
	:: skip
	fi
#endif
}

inline ring()
{
#ifdef WAKE_FIRST
	wake_all();
	may_be_killed();
	bell++
#else
	bell++;
	may_be_killed();
	wake_all()
#endif
}

active proctype Writer()
{
	byte version = 1;

	do
	:: version <= VERSIONS ->
#ifdef RING_FIRST
		ring();
		may_be_killed();
#endif
		first[version % K] = version;
		may_be_killed();
		second[version % K] = version;
		may_be_killed();
		head = version;
		may_be_killed();
#ifndef RING_FIRST
		ring();
		may_be_killed();
#endif
		version++
	:: version > VERSIONS -> break
	od;
#ifdef LIVES
end_lives:
	false;
#endif
killed:
	owner_died = true;
	wake_one()
}

inline look(id)
{
	before = head;
	a = first[before % K];
	b = second[before % K];
	after = head;
	if
	:: after - before <= WINDOW ->
		assert(a == before && b == before);
		assert(before >= seen[id]);
		seen[id] = before
	:: else -> goto again
	fi
}

inline sample()
{
	ticket_bell = bell;
	ticket_owner = owner_died
}

proctype Reader(byte id)
{
	byte ticket_bell, before, after, a, b;
	bool ticket_owner;

again:
#ifdef SAMPLE_LATE
	look(id);
	sample();
#else
	sample();
	look(id);
#endif
	if
	:: ticket_owner ->
#ifndef NO_CHAIN
		wake_all();
#endif
		assert(seen[id] == head);
		goto done
	:: else
	fi;
	atomic {
		if
		:: bell == ticket_bell && (owner_died == ticket_owner) -> asleep[id] = true
		:: else -> goto again
		fi
	};
#ifdef LIVES
end_asleep:
#endif
	!asleep[id] -> goto again;
done:
	skip
}

init
{
	atomic {
		run Reader(0);
		run Reader(1)
	}
}

#ifdef LIVES
active proctype Watch()
{
end_watch:
	timeout -> assert(seen[0] == head && seen[1] == head)
}
#endif
