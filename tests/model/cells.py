#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""cells.py - cells of the name index that are used again, against the C11 memory model

A cell holds a key (entry, tenant) and a name. Its process is freed in its head before the key becomes DELETED, and only
then may the cell be filled again, name first. A reader takes the key, then the name, then the head of the key's entry,
and believes the key if the name is the one it looks for and the key's tenant still lives. Here all names have one hash,
which is the worst case: whatever a reader takes together, it must never believe that a process has another's name.
"""

import itertools
import sys

sys.dont_write_bytecode = True
from release_acquire import ACQ, REL, RLX, Memory, Writer, explore

DELETED = "deleted"
# who had the cell, in this order: name, entry, tenant
LIVES = [("a", 0, 1), ("b", 1, 1), ("a", 0, 2), ("b", 0, 3), ("a", 1, 2)]


def cells(key_store=REL, name_store=REL, head_store=REL, key_load=ACQ, name_load=ACQ, key_first=False,
          look_at_head=True, look_at_name=True):
    memory = Memory()
    writer = Writer(memory)
    for name, entry, tenant in LIVES:
        head = "head%d" % entry
        writer.store(head, (tenant, True), head_store)
        fill = [("name", name, name_store), ("key", (entry, tenant), key_store)]
        for word, value, order in reversed(fill) if key_first else fill:
            writer.store(word, value, order)
        writer.store(head, (tenant + 1, False), head_store)
        writer.store("key", DELETED, key_store)

    def find(reader, wanted):
        key = reader.load("key", key_load)
        if key in (0, DELETED):
            return None
        if look_at_name and reader.load("name", name_load) != wanted:
            return None
        entry, tenant = key
        if look_at_head and reader.load("head%d" % entry, ACQ) != (tenant, True):
            return None
        return key

    def read(reader):
        for wanted in ("a", "b"):
            key = find(reader, wanted)
            if key and (wanted,) + key not in LIVES:
                return "%s was taken for entry %d, tenant %d" % ((wanted,) + key)
        return None

    return memory, read


MUTANTS = [
    ("key before the name", dict(key_first=True)),
    ("key stored relaxed, and loaded so", dict(key_store=RLX, key_load=RLX)),
    ("key loaded relaxed", dict(key_load=RLX)),
    ("name stored relaxed", dict(name_store=RLX)),
    ("name loaded relaxed", dict(name_load=RLX)),
    ("name not verified", dict(look_at_name=False)),
    ("head not looked at", dict(look_at_head=False)),
]


def main():
    number, failed = itertools.count(1), 0
    print("1..%d" % (1 + len(MUTANTS)))
    runs, complaint = explore(*cells())
    failed += complaint is not None
    print("%sok %d - cells used again: %d executions%s" % ("not " if complaint else "", next(number), runs,
                                                         ", " + complaint if complaint else ""))
    for mutant, change in MUTANTS:
        runs, complaint = explore(*cells(**change))
        failed += complaint is None
        print("%sok %d - cells used again, mutant rejected: %s (%s)" % ("" if complaint else "not ", next(number), mutant,
                                                                        complaint or "%d executions" % runs))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
