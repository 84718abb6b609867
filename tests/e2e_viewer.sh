#!/bin/sh
# SPDX-License-Identifier: MIT
# e2e_viewer.sh - the example of contrib/ sees a real supervisor's processes change, and ends with it
build=$(cd "${top_builddir:-.}" && pwd) || exit 99
work=$(mktemp -d) || exit 99
export XDG_RUNTIME_DIR="$work/run" XDG_STATE_HOME="$work/state"
mkdir -m 700 "$work/run" "$work/state" "$work/project"
trap '"$build/brummer-cli" -C "$work/project" -q down >/dev/null 2>&1; rm -rf "$work"' EXIT
printf 'sleeper: sleep 1000\n' >"$work/project/Procfile"

number=0
point() {
  number=$((number + 1))
  if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}

# appears LINE: wait until the viewer has printed it, at most 10 s.
appears() {
  tries=0
  until grep -qx "$1" "$work/out"; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || return 1
    sleep 0.05
  done
}

echo 1..5
"$build/viewer" "$work/project" >"$work/out" 2>"$work/err"
[ $? -eq 1 ] && [ "$(wc -l <"$work/err")" -eq 1 ]
point $? "without a supervisor it says so in one line"

"$build/brummer-cli" -C "$work/project" up -d >/dev/null 2>&1
"$build/viewer" "$work/project" >"$work/out" 2>&1 &
viewer=$!
appears 'sleeper running run 1'
point $? "it shows what runs"
"$build/brummer-cli" -C "$work/project" restart sleeper >/dev/null 2>&1
appears 'sleeper running run 2'
point $? "it shows a change when it comes"
"$build/brummer-cli" -C "$work/project" down >/dev/null 2>&1
appears 'sleeper stopped run 2'
point $? "it shows how all ended"
wait $viewer
point $? "it ends with the supervisor"
