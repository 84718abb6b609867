#!/bin/sh
# SPDX-License-Identifier: MIT
# replay.sh - every fuzz target over its corpus
corpus=${top_srcdir:-.}/tests/fuzz/corpus

set -- "$corpus"/*/
echo "1..$#"
number=0
for dir; do
  number=$((number + 1))
  name=$(basename "$dir")
  if line=$("${top_builddir:-.}/fuzz_${name}_replay" "$dir" 2>&1); then
    echo "ok $number - $name: $(echo "$line" | sed -n 's/^ok 1 - \([0-9]* inputs\).*/\1/p')"
  else
    echo "not ok $number - $name"
    echo "$line" | sed 's/^/# /'
  fi
done
