#!/bin/sh
# SPDX-License-Identifier: MIT
# spin.sh - check the Spin models exhaustively, and that each of their mutants fails
models=$(cd "${top_srcdir:-.}/tests/model" && pwd) || exit 99
work=$(mktemp -d) || exit 99
cd "$work" || exit 99
trap 'rm -rf "$work"' EXIT

if ! command -v spin >/dev/null || ! command -v gcc >/dev/null; then
  echo "1..0 # SKIP spin or gcc is not installed"
  exit 0
fi

number=0
# check holds|fails MODEL [-DNAME...]
check() {
  want=$1 model=$2
  shift 2
  number=$((number + 1))
  if ! spin -a "$@" "$models/$model.pml" >spin.out 2>&1 || ! gcc -O2 -w -DSAFETY -DMEMLIM=2048 -o pan pan.c; then
    echo "not ok $number - $model $*: cannot be built"
    sed 's/^/# /' spin.out
    return
  fi
  ./pan -m200000 -w22 >pan.out 2>&1
  errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' pan.out)
  states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' pan.out)
  got=fails
  [ "$errors" = 0 ] && got=holds
  grep -qE 'max search depth too small|out of memory|memory exceeded' pan.out && got="is not finished"
  [ "$got" = "$want" ] || printf 'not '
  echo "ok $number - $model $* $got ($states states)"
}

echo 1..11
check holds bell
check holds bell -DLIVES
check fails bell -DRING_FIRST -DLIVES
check fails bell -DWAKE_FIRST -DLIVES
check fails bell -DSAMPLE_LATE -DLIVES
check fails bell -DWIDE_WINDOW
check fails bell -DNO_CHAIN
check fails bell -DBELL_ONLY
check holds claim
check fails claim -DNO_CLAIM
check fails claim -DCLAIM_LATE
