#!/bin/sh
# SPDX-License-Identifier: MIT
#
# systemd.sh - the units are what systemd understands
#
# Functions are called by check():
# shellcheck disable=SC2317

# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
work_begin systemd
build=$(cd "$build" && pwd)
units=$build/contrib/systemd

# unit KIND: the unit of that kind, with the program of the build.
unit() {
  mkdir -p "$work/$1"
  sed "s|^ExecStart=[^ ]*|ExecStart=$build/brummerd|" "$units/brummer-$1.service" >"$work/$1/brummer@.service"
}

verify() { # KIND
  unit "$1"
  run systemd-analyze verify --man=no --recursive-errors=no "--$1" "$work/$1/brummer@.service"
  [ "$rc" -eq 0 ] && [ -z "$(grep brummer@ "$work/err")" ]
}

says() { # KIND LINE...
  kind=$1
  shift
  for line; do
    grep -qx "$line" "$units/brummer-$kind.service" || return 1
  done
}

for kind in system user; do
  if command -v systemd-analyze >/dev/null; then
    check "systemd understands the $kind unit" verify "$kind"
  else
    skip "systemd understands the $kind unit" "systemd-analyze is not installed"
  fi
  check "the $kind unit signals the supervisor alone" says "$kind" KillMode=process
  check "the $kind unit waits until it is ready" says "$kind" Type=notify NotifyAccess=main
  check "the $kind unit delegates its control group" says "$kind" Delegate=yes OOMPolicy=continue
done
plan "$number"
