#!/bin/sh
# SPDX-License-Identifier: MIT
# The picture in the manual is the table of the program.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
work_begin picture

"$build/brummerd" --transitions >"$work/table"
sed -n '/^\.Ss The picture/,/^\.Ed/p' "$top_srcdir/supervisord/brummerd.8" | sed '1,/^\.Bd/d;/^\.Ed/d' >"$work/picture"
if cmp -s "$work/table" "$work/picture"; then
  echo "ok 1 - the manual shows the table of transitions as it is"
else
  diff "$work/table" "$work/picture" | sed 's/^/# /'
  echo "not ok 1 - the manual shows the table of transitions as it is"
fi
"$build/brummerd" --features >"$work/features"
if grep -q '^descendants are told by tag' "$work/features"; then
  echo "ok 2 - the features say how descendants are found"
else
  echo "not ok 2 - the features say how descendants are found"
fi
echo "1..2"
