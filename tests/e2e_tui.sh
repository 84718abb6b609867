#!/bin/sh
# SPDX-License-Identifier: MIT
#
# e2e_tui.sh - brummer-tui in a terminal: what it shows in each size, what keys do, how it comes and goes. Prints TAP.
#
# The terminal is a tmux of its own. Screens are compared whole with tests/data/tui.SIZE.golden, ages and pids replaced;
# `e2e_tui.sh --write-golden` writes them anew.
#
# Functions are called by check() and by traps:
# shellcheck disable=SC2317

. "${top_srcdir:-.}/tests/lib.sh"
stem=e2e-tui
. "${top_srcdir:-.}/tests/tui_lib.sh"
write=${1:-}

publish() {
  say 'process migrate success run=1 exit=0' \
    'process lint failed run=1 exit=2 error=2_problems_(2_errors)' \
    'process db running run=1 pid=self up=30 cpu=4 memory=38 port=5432 command=postgres_-D_data ready=tcp_5432' \
    'process api running run=2 pid=self up=40 restarts=1 cpu=62 memory=112 url=http://localhost:4000' \
    'process web running run=4 pid=self up=50 restarts=3 cpu=380 memory=418 url=http://localhost:3000/' \
    'process worker.1 running run=1 pid=self up=60 cpu=19 memory=74' \
    'process worker.2 running run=1 pid=self up=70 cpu=22 memory=76' \
    'process search starting run=1 pid=self up=4 cpu=613 memory=140' \
    'process mailer backoff run=6 restarts=6 exit=1' \
    'process storybook stopped run=1 signal=15' \
    'process e2e pending' \
    'process queue stopping run=1 pid=self up=9' \
    'log db out 1 database system is ready to accept connections' \
    'log db err 2 warning: checkpoints are occurring too frequently (22 seconds apart)' \
    'log web out 0   VITE v5.4.2  ready in 412 ms' \
    'log web out 7 GET /api/cart                  200   22 ms' \
    "error web 56 1 TypeError: Cannot read properties of undefined (reading 'id') in a long line that wraps|    at CartRow (src/cart/CartRow.tsx:41:23)|    at renderWithHooks (node_modules/react-dom/react-dom.js:15486:18)" \
    'error mailer 50 2 connect ECONNREFUSED 127.0.0.1:1025' \
    'error mailer 53 2 connect ECONNREFUSED 127.0.0.1:1025' \
    'error mailer 57 2 connect ECONNREFUSED 127.0.0.1:1025' \
    'log web out 59 [hmr] src/cart/CartRow.tsx updated' \
    'log migrate out 3 3 migrations applied' \
    'error lint 4 3 error: unused variable'
}

# Ages and pids as words of the same width.
normalise() {
  sed -E -e 's/^(   .{20}).* [0-9smhd]+ ago │/\1 AGE ago │/' -e 's/((running|starting|stopping) +)[0-9][0-9smhd ]{6}/\1AGE    /' \
    -e 's/^(.[●◐◑][ ?]?[a-z0-9.]+ +)[0-9]+[smhd][0-9smhd]*$/\1AGE/' \
    -e 's/pid       [0-9]+ */pid       PID /' -e 's/(last|since|started) [0-9:smhd]+( ago)?/\1 AGE/' -e 's/ +[0-9]+d([0-9]+h)? ago/ AGE/' \
    -e 's/^ [0-9:.]+( [^ ]+ +─ .* run )/ AT\1/' -e 's/starts, pid [0-9]+ ─*/starts, pid PID /' \
    -e 's/  +[0-9smhd]+ ago/  AGE ago/' -e 's/[0-9]{2}:[0-9]{2}:[0-9]{2} (running|starting|stopping|success|failed|pending)/AT \1/g'
}

is_golden() { # NAME
  golden=$src/tests/data/tui.$1.golden
  if [ "$write" = --write-golden ]; then
    until_shows "$2"
    sleep 2 # whatever is under way has come
    screen | normalise >"$golden"
    return
  fi
  until_true same_as_golden
}

same_as_golden() {
  screen | normalise >"$work/now"
  cmp -s "$work/now" "$golden"
}

golden() { # NAME TEXT: the screen is as it should be, once TEXT is there
  before=$failed
  check "the screen is as it should be: $1" is_golden "$1" "$2"
  [ "$failed" = "$before" ] || diff "$golden" "$work/now" | sed 's/^/# /'
}

theme='--theme none'

# ---- screens ----

start_fake
check "a region can be published" publish

open_tui 120x32 -- -C "$shop" "$theme"
until_shows 'database system' || until_shows '12 processes'
keys j j
golden 120x32 'db log'
check "the terminal's other screen, mouse and invisible cursor are on" asked '#{alternate_on}#{mouse_any_flag}#{cursor_flag}' 110
check "the cursor is on the bar" asked '#{cursor_x},#{cursor_y}' 0,5
keys Enter
golden logs 'level all'
keys k
check "going up pauses" until_shows 'paused at 03:04:06'
keys '*' f
golden merged '(12 of 12)'
keys 3
golden errors 'groups'
keys 4
golden urls 'announced or listened on'
keys 6
check "where things are is told" until_shows '/dev/shm/brummer.'
keys 5
check "what happened is told" until_shows 'lint        pending  → ✗ failed    exit 2'
keys 1 '?'
golden help 'keys in Processes'
keys Escape
check "Esc closes it" until_gone 'keys in Processes'
tm resize-window -x 80 -y 24
golden 80x24 '↓ 3 more'
tm resize-window -x 40 -y 10
golden 40x10 '? keys'
tm resize-window -x 20 -y 5
golden 20x5 'shop'
tm resize-window -x 10 -y 2
golden 10x2 '●'
keys '?'
for size in 1x1 200x60 30x5 120x32; do
  tm resize-window -x "${size%x*}" -y "${size#*x}"
done
check "an open overlay outlives every size" until_shows 'keys in Processes'
keys Escape
until_gone 'keys in Processes'
tm resize-window -x 80 -y 24
golden 80x24 '↓ 3 more'

# ---- leaving ----

keys q
check "q leaves with one line, everything keeps running" ended 0
check "the line says so" until_shows '7 processes keep running in shop. brummer-tui returns, brummer-cli'

for signal in TERM HUP INT; do
  open_tui 80x24 -- -C "$shop"
  until_shows '↓ 3 more'
  kill -"$signal" "$(tui_pid)"
  check "SIG$signal: the terminal is as it was" ended 0
done
for crash in QUIT=131 ILL=132 ABRT=134 BUS=135 FPE=136 SEGV=139; do
  signal=${crash%=*}
  open_tui 80x24 -- -C "$shop"
  until_shows '↓ 3 more'
  kill -"$signal" "$(tui_pid)"
  check "SIG$signal: the terminal is as it was" ended "${crash#*=}"
done

resumes() { # in an interactive shell
  new_server
  rm -f "$work/stopped"
  tm new-session -d -x 80 -y 24 "env -i PATH='$PATH' HOME='$HOME' TERM=screen LC_ALL=C.UTF-8 TZ=UTC \
    XDG_RUNTIME_DIR='$XDG_RUNTIME_DIR' XDG_STATE_HOME='$XDG_STATE_HOME' ENV= PS1='ready ' sh -im"
  until_shows ready || return 1
  tm send-keys "'$tui' -C '$shop'; jobs -l >'$work/stopped'" Enter
  until_shows '↓ 3 more' || return 1
  keys C-z
  until_true test -s "$work/stopped" || return 1
  until_true asked '#{alternate_on}#{mouse_any_flag}#{cursor_flag}' 001 || return 1
  tm send-keys "clear; fg" Enter
  until_shows '↓ 3 more' && until_true asked '#{alternate_on}#{mouse_any_flag}#{cursor_flag}' 110 || return 1
  keys q
  until_shows 'keep running'
}
check "Ctrl-Z goes back to the shell, fg comes back" resumes

# ---- terminals ----

for term in xterm-256color tmux-256color xterm screen linux vt100; do
  if ! infocmp "$term" >/dev/null 2>&1; then
    skip "TERM=$term" "not described here"
    continue
  fi
  open_tui 80x24 TERM="$term" -- -C "$shop"
  check "TERM=$term shows the screen" until_shows '↓ 3 more: '
  keys q
  check "TERM=$term is as it was" ended 0
done

refuses() { # TEXT [ENV...]
  text=$1
  shift
  open_tui 80x24 "$@" -- -C "$shop"
  until_true test -s "$work/after" && [ "$(cat "$work/status")" = 1 ] && [ "$(cat "$work/err")" = "$text" ]
}
instead='brummer-cli ls -w, brummer-cli logs -f'
check "TERM=dumb: one line, exit 1" refuses "brummer-tui: TERM=dumb cannot show a screen: $instead" TERM=dumb
check "no TERM: one line, exit 1" refuses "brummer-tui: TERM is not set: without it no screen can be shown: $instead" -u TERM
check "unknown TERM: one line, exit 1" refuses "brummer-tui: TERM=nosuchterm is not known here; most terminals are like xterm-256color, else $instead" TERM=nosuchterm

not_a_terminal() {
  "$tui" -C "$shop" >"$work/out" 2>"$work/err" </dev/null
  [ $? = 1 ] && [ "$(cat "$work/err")" = "brummer-tui: standard output is not a terminal: $instead" ] && [ ! -s "$work/out" ]
}
check "not a terminal: one line, exit 1" not_a_terminal

usage() {
  "$tui" --help | grep -q '^usage: brummer-tui' && "$tui" --version | grep -q '^brummer-tui [0-9]' || return 1
  "$tui" --nonsense >/dev/null 2>&1
  [ $? = 2 ] || return 1
  "$tui" --theme pink >/dev/null 2>&1
  [ $? = 2 ] || return 1
  "$tui" --read-path air >/dev/null 2>&1
  [ $? = 2 ] || return 1
  "$tui" something >/dev/null 2>&1
  [ $? = 2 ]
}
check "--help, --version, wrong usage" usage

is_ascii() {
  until_shows 'v 3 more' && ! screen | LC_ALL=C grep -q '[^ -~]'
}
open_tui 80x24 -- -C "$shop" --ascii
check "--ascii draws nothing above 0x7e" is_ascii
open_tui 80x24 LC_ALL=C -- -C "$shop"
check "a locale without UTF-8 is ASCII" is_ascii

colours() {
  tm capture-pane -p -e | grep -qE "$(printf '\033')"'\[([0-9]+;)*[34][0-8]'
}
has_no_colour() {
  until_shows '↓ 3 more' && ! colours
}
open_tui 80x24 NO_COLOR=1 -- -C "$shop"
check "NO_COLOR: no colour" has_no_colour
open_tui 80x24 NO_COLOR= -- -C "$shop"
until_shows '↓ 3 more'
check "NO_COLOR without a value: colour" until_true colours

# ---- hostile text ----

is_harmless() {
  say 'log db err 9 \e]0;OWNED\x07title \e[?1000l\e[?1049lmodes \e[2J\e[31;1Hclear \e]52;c;T1dORUQ=\x07clip \eP+q\e\\dcs \x9bcsi' \
    'log db out 10 next line' || return 1
  until_shows 'next line' && shows 'title modes clear clip dcs \x9bcsi' &&
    asked '#{alternate_on}#{mouse_any_flag}' 11 && [ "$(tm display -p '#{pane_title}')" = "$title" ] &&
    ! tm show-buffer >/dev/null 2>&1
}
open_tui 120x32 -- -C "$shop" "$theme"
until_shows '12 processes'
title=$(tm display -p '#{pane_title}')
keys j j
check "a log line cannot drive the terminal" is_harmless

# ---- floods ----

stays_quick() {
  printf 'flood db 300000\n' >"$work/in"
  echo $(($(cat "$work/sent") + 1)) >"$work/sent"
  keys j
  until_shows 'api log' || return 1
  keys k
  until_shows 'db log' && until_true answered && until_shows 'line 300000 of a flood'
}
check "keys are answered while a log is flooded" stays_quick

goes_far() {
  keys Enter g
  until_shows 'database system is ready' && until_shows '299,9' && until_shows ' lines below' || return 1
  keys C-f
  until_shows 'search:' || return 1
  keys -l 'line 299998 of'
  keys Enter
  until_shows 'there is no match before this' || return 1
  keys n
  until_shows 'line 299998 of a flood' || return 1
  keys Escape Escape
}
check "a huge store is searched and scrolled" goes_far

# ---- how the supervisor is ----

open_tui 80x24 -- -C "$shop" "$theme"
until_shows '↓ 3 more'
kill -STOP "$fake"
check "a stopped engine is told from a dead one" until_shows 'does not answer: it is stopped (SIGSTOP) since'
keys j
check "reading goes on" until_shows 'lint log'
kill -CONT "$fake"
check "the banner leaves by itself" until_gone 'does not answer'
stop_fake -KILL
check "a dead supervisor is told" until_shows 'is gone since'
check "its last states are shown" until_shows 'as of'
keys j r
check "commands say why they cannot" until_shows 'cannot restart db: no supervisor runs here; u starts one'
start_fake
publish
check "a new supervisor is found" until_gone 'is gone since'
check "it is said that it is another" until_shows 'brummerd was restarted at'
say supersede 'process late running run=1 pid=self up=1'
keys End
check "another region takes the place of the first" until_shows 'late'
say close
check "an ordered end is told" until_shows 'everything was stopped on request'
stop_fake -KILL
tm kill-server 2>/dev/null

open_tui 80x24 -- -C "$shop" "$theme"
check "without a supervisor nothing runs yet" until_shows 'nothing runs here yet'
start_fake
publish
check "one that starts later is found" until_shows '↓ 3 more'

# ---- at rest ----

if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
  rests() {
    stop_fake -KILL
    start_fake
    say 'process idle stopped run=1 exit=0' || return 1
    open_tui 120x32 -- -C "$shop" "$theme"
    until_shows 'idle' || return 1
    pid=$(tui_pid)
    until_true settled || return 1
    timeout 5 strace -f -qq -o "$work/trace" -p "$pid"
    grep -vc -e 'strace:' -e exited "$work/trace" >"$work/count"
    [ "$(cat "$work/count")" -le 12 ] # one look at the supervisor at most, and the calls that were cut short
  }
  settled() { # two looks in a row find nothing written
    first=$(awk '/^wchar/ { print $2 }' "/proc/$pid/io")
    sleep 0.2
    [ "$(awk '/^wchar/ { print $2 }' "/proc/$pid/io")" = "$first" ]
  }
  if grep -qa __tsan_init "$tui"; then
    rests
    skip "at rest it sleeps" "the thread sanitizer has a thread that does not"
  else
    check "at rest it sleeps" rests
  fi

  writes_once() {
    strace -f -qq -e trace=write -e write=none -o "$work/trace" -p "$pid" &
    tracer=$!
    until_true grep -q TracerPid:.[1-9] "/proc/$pid/status"
    keys '?'
    until_shows 'keys in' || return 1
    kill "$tracer"
    wait "$tracer" 2>/dev/null
    [ "$(grep -c "write($(own_descriptor)," "$work/trace")" = 1 ]
  }
  own_descriptor() { # the viewer's own opening of the terminal
    for fd in "/proc/$pid/fd/"*; do
      [ "${fd##*/}" -gt 2 ] && case $(readlink "$fd") in /dev/pts/*) echo "${fd##*/}" ;; esac
    done
  }
  check "a frame is one write" writes_once

  reads_only() {
    open_tui 120x32 -- -C "$shop" "$theme"
    until_shows 'idle' || return 1
    tm kill-server
    TERM=screen timeout 3 script -qec "strace -f -qq -e trace=socket,connect -o '$work/trace' '$tui' -C '$shop'" \
      "$work/typescript" >/dev/null 2>&1 </dev/null
    [ -f "$work/trace" ] && ! grep -qE 'AF_UNIX.*control' "$work/trace"
  }
  check "states are read from memory, never asked for" reads_only
else
  skip "at rest it sleeps" "strace does not work here"
  skip "a frame is one write" "strace does not work here"
  skip "states are read from memory, never asked for" "strace does not work here"
fi
tm kill-server 2>/dev/null
stop_fake -KILL

# ---- a real supervisor ----

real() {
  cat >"$work/home/real/Procfile" <<'END'
web: echo the web is "up"; exec sleep 1000
END
  open_tui 80x24 -- -C "$work/home/real" "$theme"
  until_shows '[x] web' || return 1
  keys Enter
  until_shows 'the web is up' || return 1
}
check "the first run starts what is ticked" real
acts() {
  keys r
  until_shows 'restarted web (run web#2)' || return 1
  keys s
  until_shows 'stopped web' && until_shows '■ web' || return 1
  keys s
  until_shows 'cannot stop web: it is not running' || return 1
  keys n
  until_shows 'run what?' && until_shows '1 of 1' || return 1
  keys -l '!echo hello from afar'
  keys Enter
  until_shows 'started echo (run echo#1)' || return 1
  keys j
  until_shows 'hello from afar'
}
check "r, s, n act and say what came of it" acts
ends_all() {
  keys r
  until_shows 'echo#2' || return 1
  keys Q
  until_shows 'and leave?' || return 1
  keys y
  ended 0 && until_true no_socket
}
no_socket() {
  [ -z "$(find "$work/run" -type s)" ]
}
check "Q stops all and leaves" ends_all

plan "$number"
[ "$failed" -eq 0 ]
