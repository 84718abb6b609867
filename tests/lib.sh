# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# lib.sh - what the end-to-end tests in shell have in common; to be sourced
#
# Makes a private directory $work with a HOME, a runtime and a state directory of its own, points the programs of the
# build into it, and removes it all at the end. Test points are TAP; nothing sleeps for a while and hopes.

set -u
build=${top_builddir:-.}
number=0
out=
err=
rc=0

# work_begin STEM: the private directory. What was started in it is ended by work_end.
work_begin() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/brummer-$1.XXXXXX") || exit 99
  mkdir -m 700 "$work/home" "$work/run" "$work/state" || exit 99
  HOME=$work/home XDG_RUNTIME_DIR=$work/run XDG_STATE_HOME=$work/state BRUMMER_BINDIR=$build PATH=$build:$PATH
  export HOME XDG_RUNTIME_DIR XDG_STATE_HOME BRUMMER_BINDIR PATH
  unset BRUMMER_INSTANCE BRUMMER_READ_PATH NO_COLOR
  trap work_end EXIT
  trap 'exit 99' INT TERM HUP
}

# Regions of instances whose project lies below $work.
work_regions() {
  brummer-cli instances -o tsv --no-header 2>/dev/null | awk -F'\t' -v work="$work/" 'index($6 "/", work) == 1 { print $1 }'
}

work_end() {
  for instance in $(work_regions); do
    brummer-cli --instance "$instance" -q down >/dev/null 2>&1
    rm -f "/dev/shm/brummer.$(id -u).$instance"
  done
  rm -rf "$work"
}

plan() {
  echo "1..$1"
}

# check NAME COMMAND...: a test point that passes when the command does.
check() {
  check_name=$1
  shift
  number=$((number + 1))
  if "$@" >/dev/null; then
    echo "ok $number - $check_name"
    return
  fi
  echo "not ok $number - $check_name"
  {
    echo "exit status $rc, standard output:"
    head -n 20 "$work/out" 2>/dev/null
    echo "standard error:"
    head -n 20 "$work/err" 2>/dev/null
  } | cut -c 1-300 | sed 's/^/#   /'
}

skip() { # NAME WHY
  number=$((number + 1))
  echo "ok $number - $1 # SKIP $2"
}

# run COMMAND...: its exit status in $rc, what it said in $out and $err (and in files of those names).
run() {
  "$@" >"$work/out" 2>"$work/err"
  rc=$?
  out=$(cat "$work/out")
  err=$(cat "$work/err")
}

# gives STATUS NAME COMMAND...: a test point for the exit status; one line on standard error at most.
gives() {
  gives_status=$1
  gives_name=$2
  shift 2
  run "$@"
  check "$gives_name" test "$rc" -eq "$gives_status"
}

out_has() { # TEXT...
  for text; do
    case $out in *"$text"*) ;; *) return 1 ;; esac
  done
}

err_has() { # TEXT...
  for text; do
    case $err in *"$text"*) ;; *) return 1 ;; esac
  done
}

# One line, as every error is.
err_is_a_line() {
  [ "$(wc -l <"$work/err")" -eq 1 ] && err_has "brummer-cli: "
}

# until_true COMMAND...: wait until it succeeds; fails after 15 s.
until_true() {
  deadline=$(($(date +%s) + 15))
  while ! "$@" >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$deadline" ] || return 1
    sleep 0.02
  done
}

gone() { # PID: it has ended
  ! kill -0 "$1" 2>/dev/null
}
