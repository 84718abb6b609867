#!/bin/sh
# SPDX-License-Identifier: MIT
#
# e2e_main.sh - the main job with the real programs: start a project, look at it, break things, end it. Prints TAP.
#
# Functions are called by check() and by traps; what is quoted is for the processes' own shell:
# shellcheck disable=SC2317,SC2016

set -u
build=${top_builddir:-.}
number=0
failed=0
reply=

# Short names: a socket's path has 107 bytes, and TMPDIR takes its share.
work=$(mktemp -d "${TMPDIR:-/tmp}/bm.XXXXXX") || exit 99
mark=8640.$$ # what our sleeping processes have in their command lines

cleanup() {
  for dir in "$work"/[a-z]*; do
    [ -d "$dir" ] && "$build/brummer-cli" -C "$dir" down >/dev/null 2>&1
  done
  [ -n "${screen:-}" ] && tmux -S "$work/tmux" kill-server 2>/dev/null
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 99' INT TERM

mkdir -m 700 "$work/R" "$work/S" "$work/H" || exit 99
XDG_RUNTIME_DIR=$work/R XDG_STATE_HOME=$work/S HOME=$work/H BRUMMER_BINDIR=$build NO_COLOR=1
export XDG_RUNTIME_DIR XDG_STATE_HOME HOME BRUMMER_BINDIR NO_COLOR
unset BRUMMER_INSTANCE BRUMMER_READ_PATH BRUMMER_RUN

check() { # NAME COMMAND...: one line of TAP
  title=$1
  shift
  number=$((number + 1))
  reply=
  if "$@"; then
    echo "ok $number - $title"
  else
    failed=$((failed + 1))
    echo "not ok $number - $title"
    printf '%s\n' "$reply" | head -n 20 | cut -c1-300 | sed 's/^/# /'
  fi
}

skip() { # NAME WHY
  number=$((number + 1))
  echo "ok $number - $1 # SKIP $2"
}

has() { command -v "$1" >/dev/null 2>&1; }
use() { dir=$work/$1 && mkdir -p "$dir"; } # the project of what follows
cli() { "$build/brummer-cli" -C "$dir" "$@"; }

until_true() { # COMMAND...: wait for it, 20 seconds at most
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt 1000 ] || return 1
    sleep 0.02
  done
}

says() { # RC TEXT COMMAND...: it ends so, with one line on standard error that holds TEXT
  want=$1 text=$2
  shift 2
  "$@" >"$work/out" 2>"$work/err"
  rc=$?
  reply="exit code $rc
$(cat "$work/out" "$work/err")"
  [ "$rc" -eq "$want" ] && [ "$(wc -l <"$work/err")" -eq 1 ] && grep -qF -- "$text" "$work/err"
}

ends() { # RC COMMAND...
  want=$1
  shift
  reply=$("$@" 2>&1)
  rc=$?
  reply="exit code $rc
$reply"
  [ "$rc" -eq "$want" ]
}

shows() { # NAME FIELD TEXT
  reply=$(cli show "$1" 2>&1)
  printf '%s\n' "$reply" | grep -q "^$2 .*$3"
}

status_is() { [ "$(cli show "$1" 2>/dev/null | sed -n 's/^status *//p')" = "$2" ]; }
count_of() { cli ls 2>/dev/null | grep -c " $1 "; } # STATUS
all_are() { reply=$(cli ls) && [ "$(count_of "$1")" -eq "$2" ]; } # STATUS NUMBER
pid_of() { cli show "$1" 2>/dev/null | sed -n 's/^pid *//p'; }
supervisor() { cli ls --json 2>/dev/null | sed -n 's/.*"supervisor":{"pid":\([0-9]*\).*/\1/p'; }
instance() { cli ls --json 2>/dev/null | sed -n 's/^{"instance":{"name":"\([^"]*\)".*/\1/p'; }

nothing_left() { # INSTANCE: no process of ours, no region, no socket
  printf '%s\n' "$mark" "$dir" >"$work/marks"
  reply=$(cd "$work" && grep -lFf marks /proc/[0-9]*/cmdline 2>/dev/null)
  [ -z "$reply" ] || return 1
  reply=$(find /dev/shm -maxdepth 1 -name "*.$1*" && find "$work/R" -path "*$1*")
  [ -z "$reply" ]
}

printf '1..%d\n' 65

# Two that nobody touches until the end: what they do at rest is looked at then.
left_alone() { # NAME ARG...
  use "$1"
  shift
  printf 'one: exec sleep 8641.%s\ntwo: exec sleep 8641.%s\n' "$$" "$$" >"$dir/Procfile"
  "$build/brummerd" -C "$dir" "$@"
}
left_alone calm --disable metrics
left_alone even
alone_since=$(cut -d' ' -f1 /proc/uptime | tr -d .)

# Nothing to run, or nothing that can be read.
use empty
check 'no manifest: says that there is nothing to run' says 1 'nothing to run' cli scripts
check 'no supervisor: ls says so' says 3 'no supervisor runs' cli ls
check 'no supervisor: stop says so' says 3 'no supervisor runs' cli stop x
check 'no supervisor: down has nothing to do' ends 0 cli down
check 'no supervisor: logs read the store' ends 0 cli logs

deep=$work/$(printf '%0100d' 0)
mkdir -m 700 "$deep"
check 'a runtime directory too long for a socket: says so' says 1 XDG_RUNTIME_DIR env XDG_RUNTIME_DIR="$deep" \
  "$build/brummer-cli" -C "$dir" up -d

use lines
printf 'good: true\n: bad\nbad too\n' >"$dir/Procfile"
check 'a Procfile with errors: where, and what' says 1 'Procfile:2:1: not an entry' cli scripts
check '... and how many more' grep -qF '(and 1 more)' "$work/err"

use json
echo '{"scripts": {"a": "x",}}' >"$dir/package.json"
check 'package.json that is not JSON: where, and what' says 1 'package.json:1:23' cli scripts
echo '{"scripts": {"stay": "sleep '$mark'"}}' >"$dir/package.json"
cli up -d -q 2>/dev/null
cli start stay -q
pid=$(pid_of stay)
name=$(instance)
echo '{"scripts": ' >"$dir/package.json"
check 'package.json that breaks later: reload says so' says 1 'package.json:2:1' cli reload
kill -HUP "$(supervisor)"
check '... asked by a signal, in the log' until_true grep -qF 'package.json:' "$work/S/brummer/$name/.brummerd.log"
check '... and what runs goes on' test "$(pid_of stay)" = "$pid" -a -n "$pid"
echo '{"scripts": {"stay": "sleep '$mark'", "later": "true"}}' >"$dir/package.json"
cli reload -q
check '... and what is added can be started' ends 0 cli start later
check 'down ends it' ends 0 cli down
check '... and leaves nothing behind' until_true nothing_left "$name"

# Good and bad processes side by side.
use p
mkfifo "$dir/fifo"
cat >"$dir/Procfile" <<END
web: echo listening; exec sleep $mark
good: true
bad: exit 42
none: ./no-such-program
ctrl: printf 'a\\033[31mred\\033[0m\\007\\000b\\bc\\377\\n'; exec sleep $mark
lines: while :; do read -r line <fifo && echo "\$line"; done
count: i=0; while :; do i=\$((i+1)); echo \$i; sleep 0.005; done
late: while ! [ -e go ]; do sleep 0.02; done; exit 7
deaf: trap '' TERM; echo deaf; while :; do sleep 0.1; done
hide: (setsid env -i /bin/sh -c 'setsid sleep $mark & exit' &); exec sleep $mark
END
check 'up starts what it is told' ends 0 cli up -d web good bad none ctrl lines
check '... and nothing else' shows late status pending
name=$(instance)
cli wait none --for exit >/dev/null 2>&1
cli wait good --for exit >/dev/null 2>&1
cli wait bad --for exit >/dev/null 2>&1
check 'a script that exits at once: success' shows good status success
check 'a failing script: failed' shows bad status failed
check '... with its code' shows bad exitCode 42
check 'a command that does not exist: failed' shows none status failed
check '... with the reason in words' shows none reason 'not found'
check 'a program that does not exist: the reason in words' says 127 'no such file' cli run --wait --name nope -- ./nope
check '... and failed' shows nope status failed
check 'unknown script: start names the nearest' says 1 'did you mean web?' cli start wbe
check 'unknown script: stop names the nearest' says 1 'did you mean web?' cli stop wbe
check 'unknown script: show names the nearest' says 1 'did you mean web?' cli show wbe
check 'a second supervisor: refused' says 1 'another supervisor runs here' "$build/brummerd" -C "$dir"
check '... and the first one goes on' shows web status running
cli stop web -q
check 'a stopped script: stopped' shows web status stopped
cli start web -q

# Control characters.
cli wait ctrl --for log=red >/dev/null 2>&1
printf 'a\033[31mred\033[0m\007\000b\bc\377\n' >"$work/bytes"
cli logs --raw ctrl >"$work/raw" 2>&1
check 'control characters: --raw has the bytes as written' cmp -s "$work/bytes" "$work/raw"
if has script; then
  script -qec "'$build/brummer-cli' -C '$dir' logs ctrl" /dev/null </dev/null >"$work/tty" 2>&1
  plain() { reply=$(cat -v "$work/tty") && grep -q 'red' "$work/tty" && ! grep -q '\^[[@GH]' <<END
$reply
END
  }
  check 'control characters: a terminal gets none' plain
else
  skip 'control characters: a terminal gets none' 'no script'
fi

# Hostile peers.
peers() {
  reply=$(python3 - "$XDG_RUNTIME_DIR/brummer/$name/control" <<'END' 2>&1
import socket, sys
half = []
for data in (bytes(range(256)) * 8, b'GET / HTTP/1.1\r\n\r\n', b'\xdd\xff\xff\xff\xff', b'\x91' * 3000, b'\xc6\x7f\xff\xff\xff'):
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(20)
    peer.connect(sys.argv[1])
    try:
        peer.sendall(data)
        if peer.recv(1): sys.exit('answered ' + repr(data[:8]))
    except (BrokenPipeError, ConnectionResetError):
        pass
for _ in range(20):
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(sys.argv[1])
    peer.sendall(b'\x94\x00\x01\xa5hel')
    half.append(peer)
END
  )
}
if has python3; then
  check 'garbage and half messages cost only their senders' peers
else
  skip 'garbage and half messages cost only their senders' 'no python3'
fi
check '... and commands are obeyed' ends 0 cli restart web

# Soon after a start: all but the thread that samples, and looks for ports.
sum() { sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' | paste -sd+ | sed 's/.*/echo $((&))/' | sh; }
switches() { for task in "/proc/$1/task/"*; do grep -qx metrics "$task/comm" || cat "$task/status"; done | sum; }
is_still() { # longer than the store of a log stays open after its last line
  before=$(switches "$engine") && sleep 2.5 && [ "$before" = "$(switches "$engine")" ]
}
at_rest() {
  engine=$(supervisor)
  cli ls >/dev/null
  until_true is_still # what came before has been settled
  before=$(switches "$engine")
  sleep 1
  reply="$before, then $(switches "$engine")"
  [ "$before" = "$(switches "$engine")" ]
}
once_a_line() { # a line wakes the capture when it comes, and not again
  for line in 1 2 3; do
    echo "line $line" >"$dir/fifo"
    sleep 0.3 # longer than a prompt is waited for
  done
  reply="$before, then $(switches "$engine")"
  cli wait lines --for 'log=line 3' >/dev/null && [ "$(switches "$engine")" -le $((before + 4)) ]
}
if grep -q __tsan_init "$build/brummerd"; then # that has a thread of its own, which wakes up
  skip 'when nothing happens only the sampling thread wakes up' 'built with ThreadSanitizer'
  skip 'a line of output wakes it once' 'built with ThreadSanitizer'
else
  check 'when nothing happens only the sampling thread wakes up' at_rest
  check 'a line of output wakes it once' once_a_line
fi

# The supervisor is stopped.
engine=$(supervisor)
kill -STOP "$engine"
until_true grep -q '^State:[[:space:]]*T' "/proc/$engine/status" # a thread in the kernel stops when it leaves
check 'supervisor stopped: ls shows the state' ends 0 cli ls
check '... and says that it does not respond' says 0 'does not respond' cli ls
check '... show, too' shows web status running
check '... logs, too' test "$(cli logs web 2>/dev/null | head -n 1)" = listening
asks() { # brummer-mcp
  reply=$(echo '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"scripts_status"}}' |
    "$build/brummer-mcp" -C "$dir" 2>&1)
  case $reply in *'"name":"web"'*'"status":"running"'*'"state":"unresponsive"'*) ;; *) return 1 ;; esac
}
check '... brummer-mcp, too' asks
if has tmux; then
  screen=yes
  tmux -S "$work/tmux" -f /dev/null new-session -d -x 100 -y 24 "'$build/brummer-tui' -C '$dir'" 2>/dev/null
  drawn() {
    reply=$(tmux -S "$work/tmux" capture-pane -p 2>&1)
    printf '%s\n' "$reply" | grep -q 'web  *running' && printf '%s\n' "$reply" | grep -q 'does not answer'
  }
  check '... brummer-tui, too' until_true drawn
  tmux -S "$work/tmux" kill-server 2>/dev/null
  screen=
else
  skip '... brummer-tui, too' 'no tmux'
fi
silent() { # a read asks nobody; a sanitizer's leak check cannot work beside strace
  ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 strace -f -e trace=socket,connect -o "$work/trace" \
    "$build/brummer-cli" -C "$dir" ls >/dev/null 2>&1
  reply=$(cat "$work/trace")
  [ -s "$work/trace" ] && ! grep -qE 'socket|connect' "$work/trace"
}
if has strace && strace -o /dev/null true 2>/dev/null; then
  traces=yes
  check '... and ls makes no socket' silent
else
  traces=
  skip '... and ls makes no socket' 'no strace'
fi
kill -CONT "$engine"
check 'it goes on where it was' ends 0 cli restart web

# How children come into the world.
cloned() { # two of them, by one system call each
  use traced
  printf 'one: exec sleep %s\ntwo: exec sleep %s\n' "$mark" "$mark" >"$dir/Procfile"
  ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 strace -f -qq -e trace=clone,clone3,fork,vfork \
    -o "$work/clones" "$build/brummerd" -C "$dir" >/dev/null 2>&1 &
  tracer=$!
  until_true all_are running 2 2>/dev/null
  cli down -q
  wait "$tracer"
  use p
  reply=$(cat "$work/clones")
  [ "$(grep CLONE_PARENT "$work/clones" | grep CLONE_PIDFD | grep CLONE_VM | grep -c CLONE_VFORK)" -eq 2 ]
}
if [ -n "$traces" ]; then
  check 'processes are cloned as siblings, with a pidfd, without a copy of memory' cloned
else
  skip 'processes are cloned as siblings, with a pidfd, without a copy of memory' 'no strace'
fi

# At rest: every thread of engines and keepers that were left alone. For 16 seconds they looked for new ports often.
centiseconds() { cut -d' ' -f1 /proc/uptime | tr -d .; }
read_wakes() { # NAME: since the last time, in $wakes; how long that is, in $passed
  other=$dir
  dir=$work/$1
  engine=$(supervisor)
  keeper=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$engine/status")
  count=$(cat "/proc/$engine/task/"*/status "/proc/$keeper/task/"*/status | sum)
  now=$(centiseconds)
  { read -r wakes && read -r passed; } 2>/dev/null <"$dir/wakes"
  wakes=$((count - ${wakes:-0})) passed=$((now - ${passed:-0}))
  printf '%s\n' "$count" "$now" >"$dir/wakes"
  dir=$other
}
is_settled() { [ "$(centiseconds)" -ge $((alone_since + 1700)) ]; }
is_watched() { [ "$(centiseconds)" -ge $((settled + 1700)) ]; } # twice as long as the pause between two late looks
until_true is_settled
settled=$(centiseconds)
read_wakes calm
read_wakes even

# The supervisor is killed.
cli start count late -q
pids="$(pid_of web) $(pid_of count) $(pid_of late)"
cli wait count --for log='^50$' >/dev/null
engine=$(supervisor)
kill -KILL "$engine"
touch "$dir/go"
check 'supervisor killed: ls shows the last state' ends 0 cli ls
replaced() { now=$(supervisor) && [ -n "$now" ] && [ "$now" != "$engine" ]; }
check '... another one takes over' until_true replaced
check '... an exit in between arrives' until_true status_is late failed
check '... with its code' shows late exitCode 7
cli stop count -q
whole() {
  last=$(cli logs --raw --stream out count | tail -n 1)
  cli logs --raw --stream out count >"$work/got" && seq "$last" >"$work/all"
  reply="$last lines: $(cmp "$work/all" "$work/got" 2>&1)"
  [ "$last" -gt 50 ] && cmp -s "$work/all" "$work/got"
}
check '... no line is lost' whole
check '... and who lived lives' test "$(pid_of web)" = "${pids%% *}"

# Ten read at once while processes start and stop.
agrees='all(.processes[]; if .status == "running" then .pid and .startTime and (has("exitCode") or has("signal") | not)
  else (has("pid") | not) or .status == "stopping" or .status == "starting" end)'
ten() {
  rm -f "$work/wrong"
  for reader in 1 2 3 4 5 6 7 8 9 10; do
    (for _ in 1 2 3; do cli ls --json 2>/dev/null | jq -e "$agrees" >/dev/null || echo "$reader" >>"$work/wrong"; done) &
    readers="${readers:-} $!"
  done
  for _ in 1 2 3 4 5 6; do
    cli restart web ctrl -q
    cli stop ctrl -q
  done
  for reader in $readers; do
    wait "$reader"
  done
  ! [ -e "$work/wrong" ]
}
if has jq; then
  check 'ten readers parse and agree while processes start and stop' ten
else
  skip 'ten readers parse and agree while processes start and stop' 'no jq'
fi

# What resists, and what hides: a TERM that is ignored; a double fork without session, environment or parent.
cli start deaf hide -q
cli wait deaf --for log=deaf >/dev/null
check 'down ends also what resists and what hides' ends 0 cli down
check '... and leaves no process, no region, no socket behind' until_true nothing_left "$name"

# The screen starts a supervisor, and no more than it was asked for.
use screen
printf 'one: exec sleep %s\ntwo: exec sleep %s\n' "$mark" "$mark" >"$dir/Procfile"
shown() { reply=$(tmux -S "$work/tmux" capture-pane -p 2>&1) && printf '%s\n' "$reply" | grep -q "$1"; }
one_of_two() {
  until_true shown 'start the 2 ticked' && tmux -S "$work/tmux" send-keys n &&
    until_true shown 'run what' && tmux -S "$work/tmux" send-keys Enter &&
    until_true status_is one running && status_is two pending
}
if has tmux; then
  screen=yes
  tmux -S "$work/tmux" -f /dev/null new-session -d -x 100 -y 24 "'$build/brummer-tui' -C '$dir'" 2>/dev/null
  check 'brummer-tui starts what was chosen, and nothing else' one_of_two
  tmux -S "$work/tmux" kill-server 2>/dev/null
  screen=
  cli down
else
  skip 'brummer-tui starts what was chosen, and nothing else' 'no tmux'
fi

# A hundred.
use many
i=0
while [ "$i" -lt 100 ]; do
  i=$((i + 1))
  echo "p$i: exec sleep $mark"
done >"$dir/Procfile"
cli up -d -q
hundred() { cli restart all -q && all_are running 100 && cli stop all -q && all_are stopped 100; }
check 'a hundred processes at once' all_are running 100
check '... restarted and stopped' hundred
name=$(instance)

# A region that cannot be trusted. The supervisor has gone, and somebody left it there.
region=/dev/shm/brummer.$(id -u).$name
cp "$region" "$work/region"
cli down
put() { cat >"$region" && chmod 600 "$region"; }
head -c 3000 "$work/region" | put
check 'a truncated region: says so' says 1 'shorter than it says' cli ls
(head -c 8 "$work/region" && printf '\377\377\377\377\377\377\377\377' && tail -c +17 "$work/region") | put
check 'a region of another layout: says so' says 1 'too old' cli ls
if [ "$(id -u)" = 0 ]; then
  put <"$work/region" && chown 65534 "$region"
  check 'a region of another owner: says so' says 1 'belongs to another user' cli ls
else
  skip 'a region of another owner: says so' 'needs root'
fi
recovered() { cli up -d -q 2>"$work/err" && all_are running 100 && cli down -q; }
check '... and a new supervisor replaces it' recovered
rm -f "$region"

# No room.
inside() { unshare -m env BM_DIR="$dir" BM_BUILD="$build" sh -c "mount -t tmpfs -o size=$1,mode=1777 none $2 && $3"; }
if unshare -m mount -t tmpfs none /mnt 2>/dev/null; then
  use full
  echo "flood: yes a line that fills the disk | head -n 100000; echo over >&2; exec sleep $mark" >"$dir/Procfile"
  check '/dev/shm full: says so' says 1 'full' \
    inside 64k /dev/shm '"$BM_BUILD/brummer-cli" -C "$BM_DIR" up -d'
  mkdir -p "$work/S/brummer"
  cat >"$work/flood.sh" <<'END'
cli() { "$BM_BUILD/brummer-cli" -C "$BM_DIR" "$@"; }
cli up -d -q
tries=0
until cli show flood | grep -q '^logLostBytes' || [ "$tries" -gt 500 ]; do tries=$((tries + 1)); sleep 0.02; done
cli show flood
cli run --wait -- sh -c 'echo more; exit 6'
echo "code $?"
cli down
END
  lossy() {
    reply=$(inside 1m "'$work/S'" ". '$work/flood.sh'" 2>&1)
    case $reply in *running*logLostBytes*'code 6'*) ;; *) return 1 ;; esac
  }
  check 'disk full: children go on, the loss is shown' lossy
else
  skip '/dev/shm full: says so' 'needs root'
  skip 'disk full: children go on, the loss is shown' 'needs root'
fi

# What was left alone.
slept() { # LEAST MOST: wake-ups
  reply="$wakes wake-ups in $passed hundredths of a second"
  [ "$wakes" -ge "$1" ] && [ "$wakes" -le "$2" ]
}
if grep -q __tsan_init "$build/brummerd"; then
  skip 'at rest, without metrics, the supervisor does not wake up' 'built with ThreadSanitizer'
  skip '... and with them once a second' 'built with ThreadSanitizer'
else
  until_true is_watched
  read_wakes calm
  check 'at rest, without metrics, the supervisor does not wake up' slept 0 0
  read_wakes even
  check '... and with them once a second' slept $((passed / 100 - 1)) $((passed / 100 + 1))
fi

[ "$failed" -eq 0 ]
