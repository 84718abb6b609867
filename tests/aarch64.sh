#!/bin/sh
# SPDX-License-Identifier: MIT
# aarch64.sh - the protocol on a machine with weaker memory: cross-built, run by qemu-user, and looked at in assembly
top=$(cd "${top_srcdir:-.}" && pwd) || exit 99
cross=aarch64-linux-gnu

for tool in $cross-gcc $cross-objdump qemu-aarch64; do
  command -v "$tool" >/dev/null && continue
  echo "1..0 # SKIP $tool is not installed"
  exit 0
done
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99

number=0
point() {
  number=$((number + 1))
  if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}

# instructions FUNCTIONS OPCODES: how many of these functions' instructions are one of these.
instructions() {
  $cross-objdump -d region_soak |
    awk -v name="^<($1)>:" '$2 ~ name { on = 1; next } /^$/ { on = 0 } on { print $3 }' | grep -cxE "$2"
}

echo 1..4
$cross-gcc -std=c11 -D_GNU_SOURCE -O2 -static -pthread -I"$top/include" -I"$top" -o region_soak \
  "$top"/libshm/*.c "$top"/tests/soak/region_soak.c "$top"/tests/soak/verified.c >build.log 2>&1
status=$?
point $status "libshm builds for aarch64 without libraries"
[ $status -eq 0 ] || sed 's/^/# /' build.log

qemu-aarch64 ./region_soak reads >run.log 2>&1
status=$?
sed 's/^\([^#]\)/# \1/' run.log
point $status "every copy is whole under qemu-user"

[ "$(instructions 'publish_claimed|latch_store_8' 'stlr')" -ge 2 ]
point $? "a publish stores with release"
[ "$(instructions 'brm_reader_state|read_state|latch_load_8' 'ldar|ldapr')" -ge 9 ]
point $? "a read loads with acquire"
