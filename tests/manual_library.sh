#!/bin/sh
# SPDX-License-Identifier: MIT
# manual_library.sh - the library's manual names every function of it, and its example is a program
pages=${top_srcdir:-.}/libshm/man
map=${top_srcdir:-.}/libshm/libbrummer.map

missing=
for name in $(sed -n 's/^[[:space:]]*\(brm_[a-z_]*\);/\1/p' "$map"); do
  grep -q "^\.Fo $name\$" "$pages"/*.3 || missing="$missing $name"
done
example() { sed -n '/^\.Bd -literal/,/^\.Ed/p' "$pages/libbrummer.3" | sed -e '/^\./d' -e 's/\\e/\\/g'; }

echo 1..3
if [ -z "$missing" ]; then echo "ok 1 - every function has its page"; else echo "not ok 1 - no page has$missing"; fi
if example | ${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -Werror -I"${top_srcdir:-.}/include" -fsyntax-only -x c -; then
  echo "ok 2 - the example compiles"
else
  echo "not ok 2 - the example compiles"
fi
if ! command -v mandoc >/dev/null; then
  echo "ok 3 - mandoc finds nothing wrong # SKIP there is no mandoc"
elif mandoc -Tlint -W warning "$pages"/*.3 >&2; then
  echo "ok 3 - mandoc finds nothing wrong"
else
  echo "not ok 3 - mandoc finds nothing wrong"
fi
