# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# tui_lib.sh - what the end-to-end tests of brummer-tui have in common; to be sourced after lib.sh
#
# The terminal is a tmux of its own, the supervisor is played by fake_region. $stem names the private directory.
#
# Functions are called by check() and by traps, variables are used by those who source this:
# shellcheck disable=SC2034,SC2154,SC2317

src=${top_srcdir:-.}
tui=$build/brummer-tui
failed=0

if ! command -v tmux >/dev/null; then
  echo '1..0 # SKIP tmux is not installed'
  exit 0
fi
work_begin "$stem"
shop=$work/home/shop
fake=
holder=
server=0

tm() { # each window has a server of its own: one that ends would take the next one with it
  tmux -L "t$server" -f /dev/null "$@"
}

cleanup() {
  tm kill-server 2>/dev/null
  [ -n "$fake" ] && kill -CONT "$fake" 2>/dev/null && kill "$fake" 2>/dev/null
  [ -n "$holder" ] && kill "$holder" 2>/dev/null
  work_end
}
trap cleanup EXIT

mkdir -p "$shop" "$work/home/real" || exit 99
TMUX_TMPDIR=$work LC_ALL=C.UTF-8 TZ=UTC
export TMUX_TMPDIR LC_ALL TZ
unset TMUX SSH_CONNECTION WAYLAND_DISPLAY DISPLAY

check() { # NAME COMMAND...: a test point; the screen when it fails
  check_name=$1
  shift
  number=$((number + 1))
  if "$@"; then
    echo "ok $number - $check_name"
  else
    failed=$((failed + 1))
    echo "not ok $number - $check_name"
    screen | sed 's/^/# |/'
  fi
}

# ---- the screen ----

screen() {
  tm capture-pane -p 2>/dev/null
}

shows() { # TEXT
  screen | grep -qF -- "$1"
}

shows_not() {
  ! shows "$1"
}

until_shows() {
  until_true shows "$1"
}

until_gone() {
  until_true shows_not "$1"
}

asked() { # FORMAT VALUE: what tmux says of the pane
  [ "$(tm display -p "$1")" = "$2" ]
}

# ---- the region ----

start_fake() {
  rm -f "$work/in"
  mkfifo "$work/in" || exit 99
  "$build/fake_region" "$shop" <"$work/in" >"$work/said" 2>&1 &
  fake=$!
  sleep 1000 >"$work/in" &
  holder=$!
  until_true grep -q '^ok' "$work/said"
  : >"$work/sent"
  echo 1 >"$work/sent"
}

answered() {
  [ "$(grep -c '^ok' "$work/said")" -eq "$(cat "$work/sent")" ]
}

say() { # LINE...: each answered with ok
  for line in "$@"; do
    printf '%s\n' "$line" >"$work/in"
    echo $(($(cat "$work/sent") + 1)) >"$work/sent"
    until_true answered || return 1
  done
}

stop_fake() {
  kill -CONT "$fake" 2>/dev/null
  kill "$1" "$fake" 2>/dev/null
  kill "$holder" 2>/dev/null
  wait "$fake" "$holder" 2>/dev/null
  fake=
  holder=
}

# ---- the viewer ----

# open SIZE [ENV...] -- ARG...: in a new window; what it prints to standard error goes to $work/err.
open_tui() {
  size=$1
  shift
  settings=
  while [ "$1" != -- ]; do
    settings="$settings $1"
    shift
  done
  shift
  new_server
  rm -f "$work/before" "$work/after" "$work/status" "$work/err" "$work/pid"
  tm new-session -d -x "${size%x*}" -y "${size#*x}" "stty -g >'$work/before'
    sh -c 'echo \$\$ >$work/pid; exec env $settings $tui $* 2>$work/err'
    echo \$? >'$work/status'; stty -g >'$work/after'; exec sleep 1000"
}

new_server() {
  tm kill-server 2>/dev/null
  server=$((server + 1))
}

keys() { # each drawn before the next is pressed, as far as tmux can tell
  tm send-keys "$@"
}

tui_pid() {
  until_true test -s "$work/pid"
  cat "$work/pid"
}

ended() { # STATUS: it has left with that, and the terminal is as it was
  until_true test -s "$work/after" && [ "$(cat "$work/status")" = "$1" ] && cmp -s "$work/before" "$work/after" &&
    asked '#{alternate_on}#{mouse_any_flag}#{cursor_flag}' 001
}
