#!/bin/sh
# SPDX-License-Identifier: MIT
# The manual of brummer.yaml says what the tables say: each part between ".\" BEGIN NAME" and ".\" END NAME" is what
# manual_keys prints. `manual_keys.sh --write` puts it there. Every example of a file is one that brummerd takes.
page=$top_srcdir/supervisord/brummer.yaml.5
keys=./tests/manual_keys
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0

result() {
  number=$((number + 1))
  if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}

parts='file process compose mprocs'
if [ "$1" = --write ]; then
  for part in $parts; do
    "$keys" "$part" >"$work/part" || exit 1
    sed -e "/^\\.\\\\\" BEGIN $part\$/,/^\\.\\\\\" END $part\$/{/BEGIN/!{/END/!d}}" \
      -e "/^\\.\\\\\" BEGIN $part\$/r $work/part" "$page" >"$work/page" && cat "$work/page" >"$page"
  done
  exit
fi
echo 1..7
for part in $parts; do
  "$keys" "$part" >"$work/expected"
  sed -n "/^\\.\\\\\" BEGIN $part\$/,/^\\.\\\\\" END $part\$/p" "$page" | sed '1d;$d' >"$work/found"
  [ -s "$work/expected" ] && cmp -s "$work/expected" "$work/found"
  result $? "the keys of $part are in the manual"
done
if command -v mandoc >/dev/null; then
  mandoc -Tlint -W warning "$page" >"$work/lint"
  [ ! -s "$work/lint" ]
  result $? "mandoc finds nothing wrong"
  sed 's/^/# /' "$work/lint"
else
  echo "ok 5 - mandoc finds nothing wrong # SKIP there is no mandoc"
fi

# example N: the Nth piece of the manual that is shown as it is.
example() {
  awk -v n="$1" '/^\.Bd -literal/ { count++; on = count == n; next } /^\.Ed/ { on = 0 } on' "$page" | sed 's/\\e/\\/g'
}
for n in 1 2; do
  mkdir "$work/$n"
  example "$n" >"$work/$n/brummer.yaml"
  "$top_builddir/brummerd" -C "$work/$n" --check >"$work/said" 2>&1 && grep -q '[1-9] processes, no errors' "$work/said"
  result $? "example $n is a good configuration"
  sed 's/^/# /' "$work/said"
done
