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
  [ "$rc" -eq 0 ] && ! grep -q brummer@ "$work/err"
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

# A real manager, that of a user. It takes all that is in its control group for its own: so it gets one in which nobody
# else is, and sees no other. Prints what came true, a word a line.
cat >"$work/manager.sh" <<'END'
[ "$(sed -n 's/^0:://p' /proc/self/cgroup)" = / ] || exit # of its name space
umount -lR /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && [ "$(wc -l </sys/fs/cgroup/cgroup.procs)" -le 4 ] || exit
mount -t proc none /proc && mount -t tmpfs none /run && mkdir -p /run/systemd/system && mkdir -m 700 /run/user || exit
XDG_RUNTIME_DIR=/run/user
export XDG_RUNTIME_DIR
manager=$(command -v /usr/lib/systemd/systemd /lib/systemd/systemd | head -n 1)
"$manager" --user >/dev/null 2>&1 &
until_true() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt 500 ] || return 1
    sleep 0.02
  done
}
until_true test -S /run/user/systemd/private || exit
echo managed
shop=$HOME/shop
mkdir "$shop"
echo 'web: exec sleep 8642' >"$shop/Procfile"
unit=brummer@$(systemd-escape -p "$shop").service
cli() { brummer-cli -C "$shop" "$@"; }
property() { systemctl --user show "$unit" -p "$1" --value; }
has() { [ "$(property "$1")" = "$2" ]; } # PROPERTY VALUE
pid_of() { cli show "$1" 2>/dev/null | sed -n 's/^pid *//p'; }
lives() { [ -n "$(pid_of "$1")" ]; }
systemctl --user start "$unit" && has ActiveState active && until_true lives web && echo started
web=$(pid_of web)
case $(grep ^0:: "/proc/$web/cgroup") in */brummer@*/brummer-*/run-*) echo grouped ;; esac
echo 'two: exec sleep 8642' >>"$shop/Procfile"
systemctl --user reload "$unit" && until_true lives two && echo reloaded
keeper=$(property MainPID)
# 0 is what did not start, and to kill the whole group of this test
[ "${keeper:-0}" -gt 0 ] && kill -KILL "$keeper" && until_true has NRestarts 1 && until_true has ActiveState active && [ "$(pid_of web)" = "$web" ] && echo restarted
keeper=$(property MainPID)
cli reload --exec >/dev/null && until_true has ActiveState active && has MainPID "$keeper" && has NRestarts 1 &&
  [ "$(pid_of web)" = "$web" ] && echo handed-over
systemctl --user stop "$unit" && has ActiveState inactive && has Result success && ! kill -0 "$web" 2>/dev/null && echo stopped
END
groups=$(awk '$(NF - 2) == "cgroup2" { print $5; exit }' /proc/self/mountinfo)
group=$groups/test-brummer-$$
remove_group() { find "$group" -depth -type d -exec rmdir {} + 2>/dev/null; ! [ -d "$group" ]; }
be_managed() {
  mkdir -p "$HOME/.config/systemd/user"
  cp "$work/user/brummer@.service" "$HOME/.config/systemd/user"
  [ -n "$groups" ] && mkdir "$group" 2>/dev/null || return 1
  GROUP=$group sh -c 'echo $$ >"$GROUP/cgroup.procs" && exec "$@"' sh \
    unshare --cgroup --mount --pid --fork --kill-child sh "$work/manager.sh" >"$work/said" 2>"$work/err"
  until_true remove_group # what was killed leaves its group a moment later
  grep -qx managed "$work/said"
}
told() { grep -qx "$1" "$work/said"; }

points='started:systemd starts it, and knows when it is there
grouped:its runs have groups of their own below its delegated one
reloaded:systemd has it read its configuration again
restarted:systemd starts it again when it was killed, and what ran goes on
handed-over:a new program takes over, and systemd sees one service
stopped:systemd stops it and all that it runs'
if command -v unshare >/dev/null && be_managed; then
  managed=yes
fi
while IFS=: read -r word name; do
  if [ -n "${managed:-}" ]; then
    check "$name" told "$word"
  else
    skip "$name" 'no manager of systemd can be started here'
  fi
done <<END
$points
END
plan "$number"
