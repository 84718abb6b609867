#!/bin/sh
# SPDX-License-Identifier: MIT
#
# e2e_tui_matrix.sh - brummer-tui where things are odd: numbers, names, lines, input, settings, regions, terminals, and
# the terminal of a process inside it. Prints TAP.
#
# Functions are called by check():
# shellcheck disable=SC2317

. "${top_srcdir:-.}/tests/lib.sh"
stem=e2e-tuim
. "${top_srcdir:-.}/tests/tui_lib.sh"
theme='--theme none'

at_end() { # the viewer has left with 0 when asked to
  keys q
  ended 0
}

bytes() { # HEX...: as typed, at once
  tm send-keys -H "$@"
}

# ---- numbers ----

start_fake
none() {
  open_tui 80x24 -- -C "$shop" "$theme"
  until_shows 'nothing runs here yet'
}
check "no process: the first run" none

many() {
  seq -f 'process p%g stopped run=1' 5000 >"$work/in"
  echo $(($(cat "$work/sent") + 5000)) >"$work/sent"
  until_true answered || return 1
  open_tui 200x60 -- -C "$shop" "$theme"
  until_shows '5000 processes' || return 1
  keys End
  until_shows '▌■ p5000' || return 1
  keys C-f
  until_shows 'filter:' || return 1
  keys -l p499
  until_shows '11 of 5000'
}
check "5,000 processes are listed, scrolled and filtered" many

many_grouped() {
  keys Escape
  until_gone 'filter:' || return 1
  keys b
  until_shows 'grouped by state' || return 1
  keys Left
  until_shows '▌▸ stopped  5000' && shows_not 'p5000 '
}
check "5,000 processes are one group, that can be closed" many_grouped
tm kill-server 2>/dev/null
stop_fake -KILL

# ---- names and lines ----

start_fake
long=$(printf 'n%.0s' $(seq 200))
odd_names() {
  say 'process x running run=1 pid=self up=30' "process $long running run=1 pid=self up=30" \
    'process 漢字 running run=1 pid=self up=30' "process $(printf 'e\314\201') running run=1 pid=self up=30" || return 1
  open_tui 120x32 -- -C "$shop" "$theme"
  until_shows '4 processes' && shows 'nnnn…' && shows '● 漢字 ' && shows "$(printf '● e\314\201 ')" && [ "$(screen | grep -c '^.● ')" = 4 ]
}
check "names of all kinds stay in their cells" odd_names

long_line() {
  say "log x out 1 $(head -c 900000 /dev/zero | tr '\0' x)" 'log x out 2 behind it' || return 1
  keys g
  until_shows 'behind it' && shows '… +87' || return 1
  keys Enter
  until_shows 'level all' || return 1
  keys g Enter
  until_shows 'one line of 878K' || return 1
  keys G
  until_true is_at_end || return 1
  keys Escape
  until_gone 'one line of'
}
is_at_end() {
  ! shows 'row 1 of'
}
check "a line of 900 kB is cut, and opened as a whole" long_line

controls() {
  all=
  for code in $(seq 1 31) $(seq 127 159); do
    [ "$code" = 10 ] || all="$all$(printf '\\x%02x' "$code")"
  done
  say "log x out 3 before${all}after" 'log x out 4 \e[?2026h\e[?25h\e[?1003h\e[6n\e[c\eZunfinished\e]8;;http://evil' \
    'log x out 5 the last line' || return 1
  keys f
  until_shows 'the last line' && asked '#{alternate_on}#{mouse_any_flag}#{cursor_flag}' 110 && keys j && at_end
}
check "no control character reaches the terminal" controls

# ---- input ----

far_mouse() {
  say 'flood x 200' || return 1
  open_tui 320x40 -- -C "$shop" "$theme"
  until_shows 'line 200 of a flood' || return 1
  bytes 1b 5b 3c 36 34 3b 33 30 30 3b 31 30 4d # the wheel, up, at column 300
  until_shows 'paused' || return 1
  bytes 1b 5b 3c 30 3b 39 39 39 39 39 3b 39 39 39 39 4d # far outside
  for _ in $(seq 100); do printf '1b 5b 3c 36 35 3b 33 30 30 3b 31 30 4d '; done >"$work/storm"
  # shellcheck disable=SC2046 # words
  bytes $(cat "$work/storm")
  until_shows 'following ▼'
}
check "the mouse is believed beyond column 223, and a storm of it is borne" far_mouse

dragged() {
  keys 2 k
  until_shows 'paused at' || return 1
  bytes 1b 5b 3c 30 3b 32 30 3b 34 4d
  bytes 1b 5b 3c 33 32 3b 32 30 3b 36 4d
  until_shows 'selecting lines' || return 1
  bytes 1b 5b 3c 30 3b 32 30 3b 36 6d
  until_shows 'copied 3 lines' && [ "$(tm show-buffer | grep -c "of a flood$")" = 3 ]
}
check "dragging over lines copies them" dragged

pasted() {
  keys 1
  until_shows '4 processes' || return 1
  tm set-buffer "$(printf 'q\nQy\033[A')"
  tm paste-buffer -p
  until_shows 'nothing takes pasted text here' || return 1
  keys C-f
  until_shows 'filter:' || return 1
  tm paste-buffer -p
  until_shows 'filter: q' && shows_not 'filter: qQ' || return 1
  keys Escape
  until_shows '4 processes'
}
check "pasted text presses no keys" pasted

background() {
  open_tui 80x24 -- -C "$shop"
  until_shows 'running' || return 1
  bytes 1b 5d 31 31 3b 72 67 62 3a 7a 7a 1b 5c # rubbish
  bytes 1b 5d 31 31 3b 72 67 62 3a 66 66 66 66 2f 66 66 66 66 2f 66 66 66 66 1b 5c
  until_true is_light && keys j && until_true is_light && at_end
}
is_light() { # the green of light terminals
  tm capture-pane -p -e | grep -q "$(printf '\033')\[38;5;23m●"
}
check "a late answer about the background chooses the theme" background

storm_of_sizes() {
  open_tui 80x24 -- -C "$shop" "$theme"
  until_shows 'running' || return 1
  for width in 20 200 33 61 110 9 140 80 31 59 60 109 1 120; do
    tm resize-window -x "$width" -y $((width / 4 + 1))
  done
  until_shows '4 processes' && at_end
}
check "many sizes one after another end in the right one" storm_of_sizes

is_ascii_too() {
  open_tui 80x24 LC_ALL=xx_YY.UTF-8 -- -C "$shop" "$theme"
  until_shows 'running' && ! screen | LC_ALL=C grep -q '[^ -~]'
}
check "a locale that is not installed is ASCII" is_ascii_too

hung_up() {
  open_tui 80x24 -- -C "$shop" "$theme"
  until_shows 'running' || return 1
  pid=$(tui_pid)
  tm kill-server
  until_true gone "$pid"
}
check "it ends when the terminal is gone" hung_up

# ---- settings, and lines ----

settings() {
  mkdir -p "$work/config/brummer"
  printf 'clock = on\n# mine\nkey.stop = K\n' >"$work/config/brummer/tui.conf"
  open_tui 120x32 XDG_CONFIG_HOME="$work/config" -- -C "$shop" "$theme"
  until_shows 'K stop' || return 1
  screen | tail -n 2 | head -n 1 | grep -qE '[0-9]{2}:[0-9]{2}:[0-9]{2}$' && at_end
}
check "keys and the clock are set in a file" settings

settings_clash() {
  printf 'key.stop = K\nhints = off\nkey.start = s K\n' >"$work/config/brummer/tui.conf"
  XDG_CONFIG_HOME=$work/config "$tui" -C "$shop" >"$work/out" 2>"$work/err" </dev/null
  [ $? = 2 ] && grep -q 'tui.conf: line 3: line 1 gives a key of it to stop already$' "$work/err"
}
check "a key that is given twice is an error with both lines" settings_clash

plain() {
  say "process odd running run=1 pid=self up=30 url=http://localhost/$(printf 'a\033[2J\007b')" || return 1
  printf 'ls\nl x\ns nobody\nhelp\nq\n' | "$tui" --plain -C "$shop" >"$work/out" 2>"$work/err" &&
    grep -q '^漢字 running ' "$work/out" && grep -q '^odd running .*http://localhost/a' "$work/out" &&
    grep -q 'line 200 of a flood$' "$work/out" &&
    grep -q '^there is no process nobody$' "$work/out" && grep -q '^Commands, each' "$work/out" &&
    ! LC_ALL=C grep -q "$(printf '[\001-\011\013-\037]')" "$work/out" && say 'remove odd'
}
check "--plain says it in lines, and nothing that a terminal acts on" plain

plain_tells() {
  mkfifo "$work/typed"
  "$tui" --plain -C "$shop" <"$work/typed" >"$work/out" 2>&1 &
  plain=$!
  exec 4>"$work/typed"
  until_true grep -q '^x running' "$work/out" || return 1
  say 'process x failed run=1 exit=3'
  until_true grep -qE '^[0-9:]{8} x failed: exit 3' "$work/out"
  told=$?
  exec 4>&-
  wait "$plain" && [ "$told" = 0 ]
}
check "--plain tells what happens" plain_tells

# ---- at rest, with a clock ----

if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null && ! grep -qa __tsan_init "$tui"; then
  ticks() {
    say 'process x stopped run=1' "process $long stopped run=1" 'process 漢字 running run=1 pid=self up=5' || return 1
    open_tui 120x32 -- -C "$shop" "$theme"
    until_shows '4 processes' || return 1
    pid=$(tui_pid)
    timeout 4 strace -qq -e trace=ppoll -o "$work/trace" -p "$pid"
    [ "$(grep -c ppoll "$work/trace")" -le 7 ]
  }
  check "with seconds on the screen it wakes once a second" ticks
else
  skip "with seconds on the screen it wakes once a second" "strace does not work here"
fi

# ---- regions ----

region=/dev/shm/brummer.$(id -u).$(work_regions | head -n 1) # the shop's

truncated() {
  open_tui 80x24 -- -C "$shop" "$theme"
  until_shows 'running' || return 1
  truncate -s 4096 "$region"
  keys j
  until_true test -s "$work/status" && case $(cat "$work/status") in
  0) false ;;
  135) ended 135 && grep -q 'its file was truncated' "$work/err" ;;
  *) true ;;
  esac
}
check "a region that is cut short ends it with a word, and the terminal as it was" truncated

random_bytes() {
  stop_fake -KILL
  head -c 300000 /dev/urandom >"$region"
  open_tui 80x24 -- -C "$shop" "$theme"
  until_shows 'cannot be read' && keys j k 2 3 4 5 6 && keys 1 && until_shows 'cannot be read' && at_end
  rc=$?
  rm -f "$region"
  return $rc
}
check "a region of random bytes is no region" random_bytes

# ---- a configuration from what was found ----

project=$work/home/real
writes() {
  cat >"$project/Procfile" <<'END'
web: echo "cost: $PRICE" 'it''s'; sleep 1000
tool: true
END
  open_tui 90x24 -- -C "$project" "$theme"
  until_shows '[x] tool' || return 1
  keys Space w
  until_shows 'wrote brummer.yaml with the 1 ticked' || return 1
  keys w
  until_shows 'cannot write brummer.yaml: it is there already' || return 1
  at_end && rm "$project/Procfile" && brummer-cli -C "$project" check >"$work/out" 2>&1
}
check "w writes what is ticked as a configuration that is right" writes

# ---- the terminal of a process ----

inside() {
  printf 'processes:\n  shell:\n    command: sh\n    tty: true\n' >"$project/brummer.yaml"
  run brummer-cli -C "$project" up -d
  [ "$rc" = 0 ] || return 1
  open_tui 90x24 -- -C "$project" "$theme"
  until_shows '● shell' || return 1
  keys a
  until_shows 'Ctrl-] d leaves' || return 1
  # shellcheck disable=SC2016 # the other shell is to reckon
  keys -l 'stty size; echo "q $((40 + 2))"'
  keys Enter
  until_shows '20 90' && until_shows 'q 42'
}
looks_on() { # a second viewer sees the same, and cannot type
  first=$server
  server=$((server + 100))
  tm new-session -d -x 90 -y 24 "exec $tui -C $project $theme"
  until_shows '● shell' || return 1
  keys a
  until_shows 'q 42' && until_shows 'brummer-tui (pid' && until_shows 'Ctrl-] s takes over' || return 1
  keys C-] s
  until_gone 'takes over' || return 1
  keys -l 'echo now me'
  keys Enter
  until_shows 'now me' || return 1
  tm kill-server
  server=$first
  until_shows 'now me'
}
resized() {
  keys C-] s
  until_gone 'takes over' || return 1
  tm resize-window -x 70 -y 20
  until_true has_size '16 70'
}
has_size() { # asked again and again: the window's new size takes its time to get there
  keys -l 'stty size'
  keys Enter
  sleep 0.1
  shows "$1"
}
left() {
  keys C-] d
  until_gone 'Ctrl-] d leaves' || return 1
  keys i
  until_shows 'line for shell:' || return 1
  # shellcheck disable=SC2016
  keys -l 'echo from $((1 + 1)) lines'
  keys Enter
  until_shows 'from 2 lines' || return 1
  at_end
}
if [ -n "$("$tui" --version)" ] && grep -q '^#define HAVE_VTERM' "$build/config.h" 2>/dev/null; then
  check "a process's terminal is used inside" inside
  check "a second viewer looks on, and may take over" looks_on
  check "its size follows the window" resized
  check "Ctrl-] d leaves it; a line can be sent without it" left
else
  skip "a process's terminal is used inside" "built without libvterm"
fi

plan "$number"
[ "$failed" -eq 0 ]
