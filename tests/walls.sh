#!/bin/sh
# SPDX-License-Identifier: MIT
# walls.sh - the rooms depend on each other one way only, and every file keeps the house rules (contrib/HACKING)
cd "${top_srcdir:-.}" || exit 99

sources() {
  find "$@" -name '*.[ch]' | sort
}

# includes ROOM... -- PATTERN: lines of the rooms' files that include what matches.
includes() {
  rooms=
  while [ "$1" != -- ]; do
    rooms="$rooms $1"
    shift
  done
  # shellcheck disable=SC2086 # a list of words
  sources $rooms | xargs grep -nE "^#[[:space:]]*include [<\"]($2)" /dev/null
}

number=0
# none NAME COMMAND...: a test point that passes when the command prints nothing.
none() {
  number=$((number + 1))
  name=$1
  shift
  found=$("$@")
  if [ -z "$found" ]; then
    echo "ok $number - $name"
  else
    echo "not ok $number - $name"
    printf '%s\n' "$found" | sed 's/^/# /'
  fi
}

long_functions() {
  sources include libshm supervisord clients tests bench contrib | while read -r file; do
    awk -v file="$file" '/^{/ { start = NR } /^}/ && start { if (NR - start + 1 > 82) print file ":" start ": " NR - start + 1 " lines"; start = 0 }' "$file"
  done
}

without_spdx() {
  sources include libshm supervisord clients tests bench contrib | while read -r file; do
    head -n 1 "$file" | grep -q SPDX-License-Identifier || echo "$file"
  done
}

left_for_later() {
  sources include libshm supervisord clients tests bench contrib |
    xargs grep -nE '(TODO|FIXME|(^|[^X])XXX([^X]|$))' /dev/null
}

echo 1..10
none "contracts include nothing but libc and each other" includes include -- '(event2?|msgpack|jansson|curses|ncurses|check|yaml)'
none "libshm knows no library and no other room" includes libshm -- '(event2?/|msgpack|jansson|ncurses|curses|supervisord|clients|engine/|keeper/)'
none "the supervisor knows no client" includes supervisord -- '(clients/|"?\.\./)'
none "clients know neither the supervisor nor the writing side" includes clients -- '(supervisord/|engine/|keeper/|config/|control/|brummer/writer\.h|brummer/logstore\.h)'
none "what clients share draws nothing and has no loop" includes clients/common -- '(ncurses|curses|event2?/)'
none "the layout is libshm's own" includes include supervisord clients bench contrib -- '(libshm/)?(layout|latch)\.h'
none "the keeper knows nothing of the engine but the tags of runs" includes supervisord/keeper -- '(event2?/|msgpack|jansson|engine/[^t]|config/|control/)'
none "no function is longer than 80 lines" long_functions
none "every source file begins with its licence" without_spdx
none "nothing is left for later" left_for_later
