#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""release_acquire.py - every outcome the C11 memory model allows, for each protocol of the region

The region's protocols flow one way: writers never look at what readers do, and every word has one writer. So every
behaviour of a reader that C11 (RC11: release, acquire and relaxed accesses, no fences) allows is a behaviour of a reader
that runs after the writers, and at each load may still choose any store to that word which is not older than what it
already knows of. A store's message carries what its writer knew (release) or nothing else (relaxed); an acquire load
learns what the message carries. This program enumerates all those choices, for the protocol as it is (no choice may
break it) and for mutants of it (some choice must): a protocol that survives all its mutants' deaths is checked by
something that can see.

Prints TAP. No packages are needed.
"""

import itertools
import sys

RLX, REL, ACQ = "relaxed", "release", "acquire"


class Memory:
    """All stores ever made to each word, in order; ts is the place in that order."""

    def __init__(self):
        self.words = {}

    def history(self, word):
        return self.words.setdefault(word, [(0, {})])


class Writer:
    """One thread that stores. It is the only one that stores to its words."""

    def __init__(self, memory):
        self.memory, self.view = memory, {}

    def store(self, word, value, order):
        history = self.memory.history(word)
        self.view[word] = len(history)
        history.append((value, dict(self.view) if order == REL else {word: len(history)}))


class Reader:
    """One thread that loads; which store each load sees is given by the choices made so far, then by the first."""

    def __init__(self, memory, choices):
        self.memory, self.choices, self.taken, self.view = memory, choices, [], {}

    def load(self, word, order):
        history = self.memory.history(word)
        first = self.view.get(word, 0)
        at = len(self.taken)
        pick = self.choices[at] if at < len(self.choices) else 0
        self.taken.append((pick, len(history) - first))
        value, view = history[first + pick]
        self.view[word] = first + pick
        if order == ACQ:
            for other, ts in view.items():
                self.view[other] = max(self.view.get(other, 0), ts)
        return value


def explore(memory, program):
    """Run program(reader) for every sequence of choices. Returns (executions, first complaint or None)."""
    choices, runs = [], 0
    while True:
        reader = Reader(memory, choices)
        complaint = program(reader)
        runs += 1
        if complaint:
            return runs, complaint
        taken = reader.taken
        while taken and taken[-1][0] + 1 >= taken[-1][1]:
            taken.pop()
        if not taken:
            return runs, None
        choices = [pick for pick, _ in taken[:-1]] + [taken[-1][0] + 1]


K = 4
WORDS = 3


class Latch:
    """An entry: a head and K slots. The writing and reading side of libshm/latch.h, with the orders as parameters."""

    def __init__(self, name="", words=WORDS, head_store=REL, data_store=REL, head_load=ACQ, data_load=ACQ, window=K - 2,
                 head_first=False, look_again=True):
        self.name, self.words, self.head_store, self.data_store = name, words, head_store, data_store
        self.head_load, self.data_load, self.window = head_load, data_load, window
        self.head_first, self.look_again = head_first, look_again

    def word(self, version, index):
        return "%sslot%d.%d" % (self.name, version % K, index)

    def publish(self, writer, version, values):
        steps = [lambda i=i: writer.store(self.word(version, i), values[i], self.data_store) for i in range(len(values))]
        head = lambda: writer.store(self.name + "head", version, self.head_store)
        for step in [head] + steps if self.head_first else steps + [head]:
            step()

    def head(self, reader):
        return reader.load(self.name + "head", self.head_load)

    def copy(self, reader, version, head=None):
        """The slot of a version, or None when the window says it may have been refilled."""
        values = [reader.load(self.word(version, i), self.data_load) for i in range(self.words)]
        if self.look_again and reader.load(self.name + "head", RLX) - version > self.window:
            return None
        return values


# --- publish and read -------------------------------------------------------------------------------------------------

def publish_read(bell_first=False, bell_store=REL, bell_load=ACQ, **latch_options):
    memory, latch = Memory(), Latch(**latch_options)
    writer = Writer(memory)
    for version in range(1, 2 * K + 1):
        if bell_first:
            writer.store("bell", version, bell_store)
        latch.publish(writer, version, [version] * WORDS)
        if not bell_first:
            writer.store("bell", version, bell_store)

    def read(reader):
        rung = reader.load("bell", bell_load)
        version = latch.head(reader)
        if version < rung:
            return "rung for %d, head is still %d" % (rung, version)
        if version == 0:
            return None
        values = latch.copy(reader, version)
        if values is not None and values != [version] * WORDS:
            return "version %d was read as %s" % (version, values)
        return None

    return memory, read


# --- the list as a cut (PROTOCOL, "The whole list") ------------------------------------------------------------------

def list_cut(epoch_load=ACQ, epoch_first=False, back=3, window=K - 2, by_epochs=False, **latch_options):
    """Two entries that each batch changes together; word 0 is the stored epoch, word 1 the value."""
    memory = Memory()
    latches = [Latch(name, words=2, window=window, **latch_options) for name in ("a.", "b.")]
    writer = Writer(memory)
    for epoch in range(1, K + 3):
        if epoch_first:
            writer.store("epoch", epoch, REL)
        for latch in latches:
            latch.publish(writer, epoch, [epoch, epoch])
        if not epoch_first:
            writer.store("epoch", epoch, REL)

    def newest(reader, latch, epoch):
        head = latch.head(reader)
        for version in range(head, max(head - back, 0), -1):
            values = latch.copy(reader, version)
            if values is None:
                return None
            if by_epochs or values[0] <= epoch:
                return values[1]
        return 0 if head < back else None

    def read(reader):
        epoch = reader.load("epoch", epoch_load)
        values = [newest(reader, latch, epoch) for latch in latches]
        if by_epochs and reader.load("epoch", RLX) != epoch:
            return None
        if None in values:
            return None
        if values != [epoch, epoch] and not by_epochs or values[0] != values[1]:
            return "the list of epoch %d was read as %s" % (epoch, values)
        return None

    return memory, read


# --- who lives here: tenants and identities ---------------------------------------------------------------------------

def identity(arena_after=False, reuse=False, check_tenant=True, head_store=REL):
    """Tenants 1..3 follow each other; the head is version * 8 + tenant, the state holds the identity's extent."""
    memory, writer = Memory(), None
    writer = Writer(memory)

    def write_identity(extent, tenant):
        for i in range(2):
            writer.store("arena%d.%d" % (extent, i), tenant, RLX)

    version = 0
    for tenant in (1, 2, 3):
        extent = 1 if reuse else tenant
        if not arena_after:
            write_identity(extent, tenant)
        for _ in range(2):
            version += 1
            for i in range(2):
                writer.store("slot%d.%d" % (version % K, i), extent, REL)
            writer.store("head", version * 8 + tenant, head_store)
        if arena_after:
            write_identity(extent, tenant)

    def read(reader):
        head = reader.load("head", ACQ)
        version, tenant = head // 8, head % 8
        if version == 0:
            return None
        extents = [reader.load("slot%d.%d" % (version % K, i), ACQ) for i in range(2)]
        again = reader.load("head", RLX)
        if again // 8 - version > K - 2:
            return None
        names = [reader.load("arena%d.%d" % (extents[0], i), RLX) for i in range(2)]
        if names != [tenant, tenant]:
            return "tenant %d has the identity %s" % (tenant, names)
        # A handle {entry, tenant 1}, used later.
        later = reader.load("head", ACQ)
        if (later % 8 == 1 or not check_tenant) and later % 8 != 1:
            return "a handle of tenant 1 answered for tenant %d" % (later % 8)
        return None

    return memory, read


# --- metrics: relaxed words, guarded by the tenant ------------------------------------------------------------------

def metrics(clear_first=True, tenant_store=REL, value_store=REL, value_load=ACQ, look_again=True):
    memory = Memory()
    writer = Writer(memory)
    for tenant in (1, 2, 3):
        if clear_first:
            writer.store("tenant", 0, REL)
        for i in range(2):
            writer.store("value%d" % i, tenant, value_store)
        writer.store("tenant", tenant, tenant_store)

    def read(reader):
        tenant = reader.load("tenant", ACQ)
        if tenant == 0:
            return None
        values = [reader.load("value%d" % i, value_load) for i in range(2)]
        if look_again and reader.load("tenant", RLX) != tenant:
            return None
        if values != [tenant, tenant]:
            return "tenant %d was given the sample %s" % (tenant, values)
        return None

    return memory, read


# --- the ring of events ---------------------------------------------------------------------------------------------

RING = 3


def events(tail_store=REL, tail_load=ACQ, word_store=REL, word_load=ACQ, window=RING - 1, tail_first=False):
    """tail is the sequence number of the newest event; event e lies in slot e mod RING."""
    memory = Memory()
    writer = Writer(memory)
    for seq in range(1, 2 * RING + 2):
        if tail_first:
            writer.store("tail", seq, tail_store)
        for i in range(2):
            writer.store("event%d.%d" % (seq % RING, i), seq, word_store)
        if not tail_first:
            writer.store("tail", seq, tail_store)

    def read(reader):
        tail = reader.load("tail", tail_load)
        for seq in range(max(1, tail - RING + 1), tail + 1):
            values = [reader.load("event%d.%d" % (seq % RING, i), word_load) for i in range(2)]
            # Overwriting e begins when e + RING is being written, that is after tail reached e + RING - 1.
            if reader.load("tail", RLX) - seq >= window:
                continue
            if values != [seq, seq]:
                return "event %d was read as %s" % (seq, values)
        return None

    return memory, read


# --- text before index before mark ------------------------------------------------------------------------------------

def text_index_mark(order=("text", "index", "mark"), mark_store=REL, mark_load=ACQ):
    """Files are ordered by the kernel no more strongly than relaxed words here; only the mark carries them."""
    memory = Memory()
    capture = Writer(memory)
    for line in range(1, 4):
        steps = {
            "text": lambda: capture.store("text%d" % line, line, RLX),
            "index": lambda: capture.store("index%d" % line, line, RLX),
            "mark": lambda: capture.store("mark", line, mark_store),
        }
        for step in order:
            steps[step]()

    def read(reader):
        mark = reader.load("mark", mark_load)
        for line in range(1, mark + 1):
            index = reader.load("index%d" % line, RLX)
            if index != line:
                return "line %d is marked, its index is not there" % line
            if reader.load("text%d" % index, RLX) != line:
                return "line %d is indexed, its text is not there" % line
        return None

    return memory, read


# --- what changed since epoch E: stamps of entries and of groups ------------------------------------------------------

def changed(late=None, epoch_early=False, sample_late=False, epoch_store=REL, epoch_load=ACQ):
    """One entry in one group; batch e publishes version e. A scan that is given `since` must report a newer version."""
    memory = Memory()
    writer = Writer(memory)
    for epoch in range(1, 4):
        if epoch_early:
            writer.store("epoch", epoch, epoch_store)
        for word in ("head", "entry", "group"):
            if word != late:
                writer.store(word, epoch, REL)
        if not epoch_early:
            writer.store("epoch", epoch, epoch_store)
        if late:
            writer.store(late, epoch, REL)

    def scan(reader, since):
        """Returns (the version if it was reported else None, what to pass next)."""
        sampled = None if sample_late else reader.load("epoch", epoch_load)
        version = None
        if reader.load("group", ACQ) > since and reader.load("entry", ACQ) > since:
            version = reader.load("head", ACQ)
        return version, reader.load("epoch", epoch_load) if sample_late else sampled

    def read(reader):
        known, since = scan(reader, 0)
        known = known or 0
        if known < since:
            return "after epoch %d version %d is known" % (since, known)
        version, then = scan(reader, since)
        known = max(known, version or 0)
        if known < then:
            return "epoch %d was passed with version %d: a change was missed" % (then, known)
        return None

    return memory, read


# --- the two tables of the name index -----------------------------------------------------------------------------

def index(flip_store=REL, cell_store=REL, generation_load=ACQ, cell_load=ACQ, flip_early=False, check_generation=True,
          check_name=True):
    """Name 7 is inserted before all and never deleted; rebuilds move it from place to place.

    A table has two cells, a probe looks at cell 0, then at cell 1, and stops at an empty one. Cells hold names; another
    name (9) comes and goes at the place where 7 was.
    """
    memory = Memory()
    writer = Writer(memory)
    layouts = [[7, 0], [9, 7], [7, 0], [9, 7]]

    def fill(table, cells):
        for i in range(2):
            writer.store("cell%d.%d" % (table, i), 0, cell_store)
        for i in (1, 0):
            writer.store("cell%d.%d" % (table, i), cells[i], cell_store)

    fill(0, layouts[0])
    writer.store("generation", 2, REL)  # before anybody attaches
    begin = dict(writer.view)
    for generation in range(3, 5):
        table = generation % 2
        if flip_early:
            writer.store("generation", generation, flip_store)
        fill(table, layouts[generation - 1])
        if not flip_early:
            writer.store("generation", generation, flip_store)

    def lookup(reader):
        for _ in range(2):
            generation = reader.load("generation", generation_load)
            table = generation % 2
            for i in range(2):
                name = reader.load("cell%d.%d" % (table, i), cell_load)
                if name == 7 or (name != 0 and not check_name):
                    return name
                if name == 0:
                    break
            if not check_generation or reader.load("generation", RLX) == generation:
                return 0
        return None

    def read(reader):
        reader.view.update(begin)
        found = lookup(reader)
        if found == 0:
            return "a name that is there was not found"
        if found == 9:
            return "another name was found in its place"
        return None

    return memory, read


# name, protocol, mutants: what to change and what to call it
CHECKS = [
    ("publish and read", publish_read, [
        ("window K-1", dict(window=K - 1)),
        ("head stored relaxed", dict(head_store=RLX)),
        ("head stored before the slot", dict(head_first=True)),
        ("slot refilled relaxed", dict(data_store=RLX)),
        ("slot copied relaxed", dict(data_load=RLX)),
        ("head loaded relaxed", dict(head_load=RLX)),
        ("no second look at the head", dict(look_again=False)),
        ("ring before publish", dict(bell_first=True)),
        ("bell stored relaxed", dict(bell_store=RLX)),
        ("bell loaded relaxed", dict(bell_load=RLX)),
    ]),
    ("list cut", list_cut, [
        ("epoch loaded relaxed", dict(epoch_load=RLX)),
        ("epoch stored before its batch", dict(epoch_first=True)),
        ("epochs compared before and after instead", dict(by_epochs=True)),
        ("older versions in a window of K-1", dict(window=K - 1)),
        ("slot copied relaxed", dict(data_load=RLX)),
    ]),
    ("tenants and identities", identity, [
        ("identity written after the state", dict(arena_after=True)),
        ("arena reused in place", dict(reuse=True)),
        ("tenant not compared", dict(check_tenant=False)),
        ("head stored relaxed", dict(head_store=RLX)),
    ]),
    ("metrics", metrics, [
        ("tenant not cleared first", dict(clear_first=False, look_again=True)),
        ("tenant stored relaxed", dict(tenant_store=RLX)),
        ("values stored relaxed", dict(value_store=RLX)),
        ("values loaded relaxed", dict(value_load=RLX)),
        ("no second look at the tenant", dict(look_again=False)),
    ]),
    ("event ring", events, [
        ("window one too wide", dict(window=RING)),
        ("tail stored relaxed", dict(tail_store=RLX)),
        ("tail stored first", dict(tail_first=True)),
        ("tail loaded relaxed", dict(tail_load=RLX)),
        ("event overwritten relaxed", dict(word_store=RLX)),
        ("event copied relaxed", dict(word_load=RLX)),
    ]),
    ("text before index before mark", text_index_mark, [
        ("mark before the index", dict(order=("text", "mark", "index"))),
        ("mark before the text", dict(order=("index", "mark", "text"))),
        ("mark stored relaxed", dict(mark_store=RLX)),
        ("mark loaded relaxed", dict(mark_load=RLX)),
    ]),
    ("changed since", changed, [
        ("epoch stored before its batch", dict(epoch_early=True)),
        ("epoch sampled after the scan", dict(sample_late=True)),
        ("epoch stored relaxed", dict(epoch_store=RLX)),
        ("epoch loaded relaxed", dict(epoch_load=RLX)),
        ("entry stamped after its batch", dict(late="entry")),
        ("group stamped after its batch", dict(late="group")),
        ("published after its batch", dict(late="head")),
    ]),
    ("name index", index, [
        ("table filled after the flip", dict(flip_early=True)),
        ("generation not looked at again", dict(check_generation=False)),
        ("generation stored relaxed", dict(flip_store=RLX)),
        ("generation loaded relaxed", dict(generation_load=RLX)),
        ("cells loaded relaxed", dict(cell_load=RLX)),
        ("name not verified", dict(check_name=False)),
    ]),
]


def main():
    plan = sum(1 + len(mutants) for _, _, mutants in CHECKS)
    print("1..%d" % plan)
    number, failed = itertools.count(1), 0
    for name, protocol, mutants in CHECKS:
        runs, complaint = explore(*protocol())
        failed += complaint is not None
        print("%sok %d - %s: %d executions%s" % ("not " if complaint else "", next(number), name, runs,
                                                 ", " + complaint if complaint else ""))
        for mutant, change in mutants:
            runs, complaint = explore(*protocol(**change))
            failed += complaint is None
            print("%sok %d - %s, mutant rejected: %s (%s)" % ("" if complaint else "not ", next(number), name, mutant,
                                                              complaint or "%d executions" % runs))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
