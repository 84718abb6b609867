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

# Libraries: everything else in angle brackets is the system's, or a contract.
libraries='event[.2]|msgpack|jansson|yaml|n?curses|check\.h|pcre2|form\.h|panel\.h'

# beyond FOLDERS LIBRARIES FILE...: what the files of a room include that is neither a file of these folders nor of
# these libraries. A path upwards is none of them.
beyond() {
  folders=$1 own=$2
  shift 2
  grep -nE '^#[[:space:]]*include' "$@" /dev/null |
    grep -vE "include[[:space:]]+(\"($folders)[a-z0-9_]*\\.(h|inc)\"|<)"
  grep -nE "^#[[:space:]]*include[[:space:]]+<($libraries|\.)" "$@" /dev/null |
    grep -vE "include[[:space:]]+<($own)"
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

# Folders with sources that have no room above.
strangers() {
  sources include libshm supervisord clients | sed 's|/[^/]*$||' | sort -u |
    grep -vE '^(include/brummer|libshm|supervisord(/(config|control|detect|engine|keeper))?|clients/(common|cli|mcp|tui))$'
}

# room NAME FOLDERS LIBRARIES: a test point for the room's own files.
room() {
  # shellcheck disable=SC2046 # names have no blanks
  none "$1 includes what it may" beyond "$2" "$3" $(find "$1" -maxdepth 1 -name '*.[ch]' | sort)
}

echo 1..18
room include/brummer 'none/' 'none'
room libshm 'libshm/' 'none'
room supervisord '|config/|control/|engine/|keeper/|' 'none'
room supervisord/config 'config/' 'jansson|yaml'
room supervisord/control 'control/|engine/|config/|' 'event2|msgpack'
room supervisord/detect 'detect/|config/' 'pcre2'
room supervisord/engine 'engine/|config/|control/|detect/|keeper/|' 'event2|pcre2'
room supervisord/keeper 'keeper/|engine/tag' 'none'
room clients/common 'clients/common/' 'jansson|msgpack|pcre2'
room clients/cli 'clients/(cli|common)/|' 'none'
room clients/mcp 'clients/(mcp|common)/|' 'event2|jansson'
room clients/tui 'clients/(tui|common)/|' 'curses'
none "clients do not know the writing side" includes clients -- 'brummer/(writer|logstore)\.h'
none "the layout is libshm's own" includes include supervisord clients bench contrib -- '(\.\./)*(libshm/)?(layout|latch)\.h'
none "no room is left out" strangers
none "no function is longer than 80 lines" long_functions
none "every source file begins with its licence" without_spdx
none "nothing is left for later" left_for_later
