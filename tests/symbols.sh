#!/bin/sh
# SPDX-License-Identifier: MIT
# symbols.sh - libbrummer exports every function of the installed headers, and nothing else; each of them compiles alone
map=$top_srcdir/libshm/libbrummer.map
library=$top_builddir/.libs/libbrummer.so
headers=$(sed -n '/^brummerinclude_HEADERS/,/h$/s|.*/brummer/\([a-z]*\)\.h.*|\1|p' "$top_srcdir/include/local.mk")

listed() {
  sed -n 's/^	\(brm_[a-z0-9_]*\);$/\1/p' "$map" | LC_ALL=C sort
}

# Names before a parenthesis in what is left of the headers without comments.
declared() {
  for header in $headers; do
    sed -e 's|/\*.*\*/||' -e '/\/\*/,/\*\//d' "$top_srcdir/include/brummer/$header.h"
  done | grep -o 'brm_[a-z0-9_]* *(' | tr -d ' (' | LC_ALL=C sort -u
}

exported() {
  nm -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | LC_ALL=C sort
}

number=0
# same NAME LEFT RIGHT: a test point that passes when both are the same lines.
same() {
  number=$((number + 1))
  if [ "$2" = "$3" ]; then
    echo "ok $number - $1"
  else
    echo "not ok $number - $1"
    printf '%s\n%s\n' "$2" "$3" | LC_ALL=C sort | uniq -u | sed 's/^/# only on one side: /'
  fi
}

# Installed headers that need more than themselves and standard C.
not_alone() {
  for header in $headers; do
    echo "#include <brummer/$header.h>" |
      ${CC:-cc} -std=c11 -pedantic -Werror -fsyntax-only -I"$top_srcdir/include" -x c - >/dev/null 2>&1 || echo "$header"
  done
}

# The same for C++, all at once.
not_cxx() {
  for header in $headers; do
    echo "#include <brummer/$header.h>"
  done | c++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only -I"$top_srcdir/include" -x c++ - 2>&1 | head -n 3
}

echo 1..4
same "the map lists what the headers declare" "$(declared)" "$(listed)"
if [ -e "$library" ]; then
  same "the library exports what the map lists" "$(exported)" "$(listed)"
else
  echo "ok 2 - the library exports what the map lists # SKIP no shared library was built"
fi
same "every installed header compiles alone, as plain C11" "$(not_alone)" ""
if command -v c++ >/dev/null 2>&1; then
  same "the installed headers compile as C++" "$(not_cxx)" ""
else
  echo "ok 4 - the installed headers compile as C++ # SKIP no C++ compiler"
fi
