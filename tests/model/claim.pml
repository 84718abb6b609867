/* SPDX-License-Identifier: MIT
 *
 * claim.pml - updates of one entry by several threads: compare-and-swap on its version, from v to "v, claimed"
 *
 * Each thread reads the newest state and its version, computes the next, claims the version, and only then writes and
 * publishes. Must hold: no update is lost, the head never goes back, a state is written by one thread at a time.
 *
 * Mutants, each of which must fail: NO_CLAIM (check, then publish) CLAIM_LATE (the state is written before the claim)
 */

#define THREADS 3
#define UPDATES 2

byte version = 0;       /* with claimed: one word */
bool claimed = false;
byte state = 0;         /* what the updates increment */
byte head = 0;          /* what readers see */
byte writing = 0;
byte finished = 0;

inline write_state(value)
{
	writing++;
	assert(writing == 1);
	state = value;
	writing--
}

proctype Thread()
{
	byte left = UPDATES, mine, next;
	bool won;

	do
	:: left > 0 ->
		atomic { !claimed -> mine = version };
		next = state + 1;
#ifdef CLAIM_LATE
		write_state(next);
#endif
#ifdef NO_CLAIM
		won = (version == mine);
#else
		atomic {
			won = (version == mine && !claimed);
			if
			:: won -> claimed = true
			:: else
			fi
		};
#endif
		if
		:: won ->
#ifndef CLAIM_LATE
			write_state(next);
#endif
			assert(mine + 1 > head);
			head = mine + 1;
			atomic {
				version = mine + 1;
				claimed = false
			};
			left--
		:: else
		fi
	:: left == 0 -> break
	od;
	finished++
}

init
{
	byte i;

	atomic {
		for (i : 1 .. THREADS) {
			run Thread()
		}
	};
	finished == THREADS;
	assert(state == THREADS * UPDATES && head == state)
}
