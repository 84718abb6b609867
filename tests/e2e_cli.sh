#!/bin/sh
# SPDX-License-Identifier: MIT
#
# e2e_cli.sh - brummer-cli as people and scripts use it: real supervisors, real processes
#
# Functions are called by check(); what is quoted is for the processes' own shell:
# shellcheck disable=SC2317,SC2016

# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
work_begin e2e-cli
command -v jq >/dev/null || { echo "1..0 # SKIP jq is not installed"; exit 0; }
cli=brummer-cli
source=$(cd "${top_srcdir:-.}" && pwd)
shop=$work/shop
mkdir -p "$shop/src/deep" "$work/empty"
cat >"$shop/Procfile" <<'END'
web: echo listening on http://127.0.0.1:3999/; i=0; while :; do i=$((i+1)); echo "tick $i"; sleep 0.05; done
worker: exec sleep 1000
lint: echo it is wrong >&2; exit 3
END
cat >"$shop/package.json" <<'END'
{"name": "shop", "scripts": {"build": "echo built", "hang": "trap '' TERM; sleep 1000"}}
END
cd "$shop" || exit 99

status_of() { $cli ls --json "$1" | jq -re ".processes[0].status"; }
field_of() { $cli show -o json "$1" | jq -re ".$2"; }
is() { [ "$(status_of "$1")" = "$2" ]; } # NAME STATUS
engine() { $cli ls --json 2>/dev/null | jq -r .instance.supervisor.pid; }
keeper() { $cli ls --json 2>/dev/null | jq -r .instance.supervisor.keeperPid; }
region() { ls "/dev/shm/brummer.$(id -u).$($cli ls --json 2>/dev/null | jq -r .instance.name)"; }
state_is() { [ "$($cli ls --json 2>/dev/null | jq -r .instance.supervisor.state)" = "$1" ]; }

### usage
gives 2 "no command is wrong usage" $cli
check "it lists the commands" err_has "usage: brummer-cli" "instances"
gives 2 "an unknown command is wrong usage" $cli shwo
check "the nearest is named" err_has "did you mean show?"
gives 2 "an unknown option is wrong usage" $cli ls --wathc
check "the nearest option is named" err_has "did you mean watch?"
gives 2 "an unknown letter is wrong usage" $cli ls -Z
gives 2 "an option without its argument is wrong usage" $cli logs -n
gives 2 "too few operands are wrong usage" $cli stop
gives 2 "too many operands are wrong usage" $cli show a b
gives 2 "an unknown format is wrong usage" $cli ls -o yaml
gives 2 "an unknown read path is wrong usage" $cli --read-path tcp ls
gives 2 "an unknown read path in the environment is wrong usage" env BRUMMER_READ_PATH=tcp $cli ls
gives 2 "a wrong duration is wrong usage" $cli wait web --timeout soon
gives 2 "a wrong time is wrong usage" $cli logs --since yesterday
gives 2 "a wrong number is wrong usage" $cli logs -n many
gives 2 "a wrong expression is wrong usage" $cli logs --grep '('
gives 2 "a wrong condition is wrong usage" $cli wait web --for luck
gives 2 "a wrong signal is wrong usage" $cli signal NOPE web
gives 2 "a wrong column is wrong usage" $cli ls --sort nothing
gives 2 "a wrong instance is wrong usage" $cli --instance a/b ls
check "errors are one line" err_is_a_line
gives 0 "help is given" $cli help
gives 0 "and by --help" $cli logs --help
check "with options and an example" out_has "--follow" "example:"
helps() {
  for command in $($cli help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
    $cli help "$command" | grep -q '^usage: brummer-cli' || return 1
  done
}
check "every command has its help" helps
in_manual() {
  for command in $($cli help | sed -n 's/^  \([a-z]*\) .*/\1/p' | grep -v version); do
    grep -q "^\.\(It \)\?Cm $command" "$source/clients/cli/brummer-cli.1" || return 1
  done
}
check "and its place in the manual" in_manual
gives 0 "the version is said" $cli --version
check "as a word and a number" test "${out#brummer-cli [0-9]}" != "$out"

### without a supervisor
for command in ls 'show web' events urls 'wait web' 'start web' 'stop web' 'restart web' 'signal HUP web' 'rm web' 'run true'; do
  # shellcheck disable=SC2086 # a command and its operands
  gives 3 "$command needs a supervisor" $cli $command
done
check "the next step is named" err_has "brummer-cli up"
gives 125 "run --wait fails as Brummer's own" $cli run --wait true
gives 0 "down is done already" $cli down
gives 0 "logs answers from the store" $cli logs
gives 0 "instances lists none of here" $cli instances
gives 0 "scripts are found without one" $cli scripts -o json
check "from both manifests" test "$(printf %s "$out" | jq -r '[.scripts[].name] | sort | join(" ")')" = "build hang lint web worker"
check "nothing was started for that" test -z "$(ls "$work/run/brummer" 2>/dev/null)"
gives 1 "no manifest is an error" $cli -C "$work/empty" scripts
gives 1 "a directory that is not there is an error" $cli -C "$work/nowhere" ls
gives 1 "nothing starts where there is nothing" $cli -C "$work/empty" up -d
check "it is one line" err_is_a_line
gives 1 "a name that is wrong starts nothing" $cli up -d wbe
check "the nearest is named" err_has "did you mean web?"
check "and no supervisor is left" test -z "$(work_regions)"

### up, ls, show
gives 0 "up -d starts what starts by itself" $cli up -d
check "it prints what it started" out_has web worker lint
gives 0 "up of what runs is the same" $cli up -d web worker
check "the finished one has failed" until_true is lint failed
gives 0 "ls lists in the order of the configuration" $cli ls -o name
check "by name" test "$out" = "web
worker
lint"
gives 0 "ls prints a table" $cli ls
check "with the promised columns" test "$(head -n 1 "$work/out" | tr -s ' ')" = "NAME STATUS PID UPTIME RESTARTS CPU MEM URL"
check "without colours or cuts in a pipe" test -z "$(tr -d '\n[:print:]' <"$work/out")"
gives 0 "ps is the same" $cli ps --no-header -o tsv
check "tsv has tabs" test "$(head -n 1 "$work/out" | tr -cd '\t' | wc -c)" -eq 7
gives 0 "jsonl is an object a line" $cli ls -o jsonl
check "three of them" test "$(jq -c .name <"$work/out" | wc -l)" -eq 3
gives 0 "ls chooses by name, glob and all" $cli ls 'w*' -o name
check "those alone" test "$out" = "web
worker"
gives 0 "ls sorts" $cli ls --sort name -o name
check "by the column" test "$out" = "lint
web
worker"
gives 1 "an unknown name is an error" $cli ls weeb
check "with the nearest names, in one line" eval 'err_is_a_line && err_has "did you mean web?"'
gives 0 "from a directory below it is the same project" sh -c "cd src/deep && $cli ls -o name web"
gives 0 "by the instance's name too" $cli --instance "$($cli ls --json | jq -r .instance.name)" ls
gives 0 "show tells one" $cli show lint
check "with its exit code and reason" out_has exitCode "exit code 3"
gives 0 "show gives the object of ls" $cli show lint -o json
same_object() { [ "$(jq -S . "$work/out")" = "$($cli ls --json lint | jq -S '.processes[0]')" ]; }
check "the same" same_object
gives 1 "show of an unknown is an error" $cli show lnit
gives 0 "urls were detected or not" $cli urls -o json
check "as a list" jq -e '.urls | type == "array"' "$work/out"
gives 0 "instances lists this one" $cli instances -o json
check "as live" test "$(jq -r --arg dir "$(pwd -P)" '.instances[] | select(.dir == $dir) | .state' "$work/out")" = live
gives 0 "scripts have a status where they ran" $cli scripts -o json
check "the failed one" test "$(jq -r '.scripts[] | select(.name == "lint") | .status' "$work/out")" = failed

### no socket
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
  for command in ls 'ls --json' 'show web' logs 'logs -n 1 web' events urls 'wait web' instances; do
    # shellcheck disable=SC2086
    run env ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" strace -f -o "$work/trace" -e trace=socket,connect $cli $command
    check "$command makes no socket and no connection" test "$rc:$(grep -c -E 'socket|connect' "$work/trace")" = 0:0
  done
else
  for command in 1 2 3 4 5 6 7 8 9; do skip "no socket and no connection ($command)" "strace does not work here"; done
fi

### start, stop, restart, signal, rm
gives 0 "stop waits for the end" $cli stop worker -o json
check "it is stopped" test "$(jq -r '.processes[0].status' "$work/out")" = stopped
gives 0 "stopped already is success" $cli stop worker -o json
check "and says so" jq -e '.processes[0].already' "$work/out"
check "a stop that was asked for is no failure" is worker stopped
gives 0 "start starts it again" $cli start worker
check "with the next run" test "$(field_of worker run)" = 2
gives 0 "running already is success" $cli start worker
check "in the same run" test "$(field_of worker run)" = 2
gives 0 "restart makes another run" $cli restart worker
check "the third" test "$(field_of worker run)" = 3
gives 1 "a stop aimed at an older run is refused" $cli stop 'worker#2'
check "and nothing happened" is worker running
gives 1 "an unknown name refuses all" $cli stop worker wokrer
check "and nothing happened again" is worker running
gives 0 "a signal is sent" $cli signal KILL worker
check "it ended the process" until_true is worker failed
check "the JSON names the signal" test "$(field_of worker signal)" = SIGKILL
gives 0 "a script that was only discovered can be started" $cli start build
check "it succeeds" until_true is build success
gives 1 "what runs cannot be removed" $cli rm web
gives 0 "what has ended can" $cli rm build
gives 1 "then it is unknown" $cli show build
gives 0 "quiet prints nothing" $cli start worker -q
check "nothing at all" test -z "$out$err"

### run
gives 0 "run supervises a command" $cli run --name 'a b/ü' -- sh -c 'echo "$1 $PWD"; sleep 1000' x 'two words'
check "under any name" is 'a b/ü' running
logged() { [ "$($cli logs "$1")" = "$2" ]; }
check "with its arguments and in this directory" until_true logged 'a b/ü' "two words $(pwd -P)"
gives 0 "and stops" $cli stop 'a b/ü'
gives 0 "run --wait gives 0" $cli run --wait true
gives 7 "run --wait gives the command's status" $cli run --wait -- sh -c 'exit 7'
gives 137 "run --wait gives 128 and the signal" $cli run --wait -- sh -c 'kill -9 $$'
gives 127 "run --wait of nothing gives 127" $cli run --wait no-such-command
gives 126 "run --wait of what cannot be executed gives 126" $cli run --wait "$shop/Procfile"
gives 3 "a command line goes to the shell" $cli run --wait 'test -f Procfile && exit 3'
gives 5 "the caller's environment comes along" env CODE=5 $cli run --wait 'exit $CODE'
gives 1 "a command that does not exist fails" $cli run no-such-command
check "with the reason in words" err_has "no such file"

### wait
gives 0 "wait for running" $cli wait web --for running
gives 0 "wait is for ready" $cli wait web worker
gives 1 "what failed will not be ready" $cli wait lint
gives 0 "what ended has ended" $cli wait lint --for exit
gives 1 "what failed did not succeed" $cli wait lint --for success
gives 5 "a wait can time out" $cli wait worker --for exit --timeout 100ms
gives 1 "a wait for nobody is an error" $cli wait nobody
gives 0 "a line that was written before is found" $cli wait web --for log='listening on .*3999'
gives 5 "but not when it is too old" $cli wait web --for log='listening on' --since 0s --timeout 200ms
gives 0 "a line that comes is waited for" $cli wait web --for 'log=tick [0-9]+' --since 0s --timeout 10s
gives 1 "a line of what has ended will not come" $cli wait lint --for log=never
$cli run --name slow -q -- sh -c 'sleep 0.3; echo it is up; sleep 1000'
gives 0 "the wait sleeps until then" $cli wait slow --for log='it is up' --timeout 10s
$cli stop slow -q

### logs
gives 0 "logs of one have no prefix" $cli logs lint
check "its line alone" test "$out" = "it is wrong"
gives 0 "logs of several have one" $cli logs lint web
check "aligned" out_has "lint | it is wrong" "web  | tick 1"
gives 0 "the last lines" $cli logs -n 1 web
check "is one line" test "$(wc -l <"$work/out")" -eq 1
gives 0 "none of the last lines" $cli logs --tail 0 web
check "is nothing" test -z "$out"
gives 0 "by stream" $cli logs --stream err lint web
check "only errors" test "$out" = "lint | it is wrong"
gives 0 "by pattern" $cli logs --grep '^tick (1|2)$' web
check "two lines" test "$out" = "tick 1
tick 2"
gives 0 "by text" $cli logs --grep 'k 1' --fixed -n 1 web
check "contains it" out_has "tick 1"
$cli run -q --name open --wait -- printf 'the last line is open' >/dev/null
$cli run -q --name open --wait -- printf 'the last again' >/dev/null
gives 0 "also where no newline ends the lines" $cli logs --grep 'the last' open
check "each alone" test "$out" = "the last line is open
the last again"
gives 0 "since and until" $cli logs --since 1h --until 59m
check "were long ago" test -z "$out"
gives 0 "with timestamps" $cli logs --timestamps -n 1 web
check "in RFC 3339" expr "$out" : '20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-9:.]*Z tick [0-9]*$'
gives 0 "as objects" $cli logs -o jsonl lint
check "with the promised fields" test "$(jq -r '"\(.seq) \(.name) \(.run) \(.stream) \(.text)"' "$work/out")" = "0 lint 1 err it is wrong"
gives 1 "of an unknown name" $cli logs wbe
$cli run --name bytes -q -- sh -c 'printf "a\033[31mred\033[0m\001\nlast"'
until_true is bytes success
gives 0 "raw is the bytes as they were written" $cli logs --raw bytes
raw_is() { printf 'a\033[31mred\033[0m\001\nlast' | cmp - "$work/out"; }
check "every one" raw_is
if command -v script >/dev/null; then
  run script -qec "stty cols 40; $cli --color never logs bytes" /dev/null
  check "a terminal gets no control characters" test "$(tr -d '\r' <"$work/out" | tr -d '\n[:print:]' | wc -c)" -eq 0
  run script -qec "stty cols 40; $cli ls --color never" /dev/null
  check "a table fits the terminal" test "$(tr -d '\r' <"$work/out" | awk '{ if (length($0) > 40) print }' | wc -l)" -eq 0
  run script -qec "env -u NO_COLOR TERM=xterm $cli ls" /dev/null
  check "and has colours" grep -q "$(printf '\033')" "$work/out"
  run script -qec "env NO_COLOR=1 TERM=xterm $cli ls" /dev/null
  check "unless NO_COLOR says no" eval '! grep -q "$(printf "\033")" "$work/out"'
else
  for what in 1 2 3 4; do skip "on a terminal ($what)" "script is not installed"; done
fi

### events
gives 0 "events list the changes" $cli events -o json
check "with from and to" jq -e '[.events[] | select(.name == "lint" and .to == "failed" and .exitCode == 3)] | length == 1' "$work/out"
check "in order" jq -e '[.events[].seq] | . == sort' "$work/out"
gives 0 "events of one since a time" $cli events lint --since 0s
check "none" test "$(wc -l <"$work/out")" -eq 1
$cli events -f -o json >"$work/follow" 2>/dev/null &
follower=$!
until_true test -s "$work/follow"
$cli run --name seen -q true
check "events -f goes on, an object a line" until_true grep -q '"name":"seen".*"to":"success"' "$work/follow"
kill "$follower"
wait "$follower" 2>/dev/null

### watching
$cli ls -w -o jsonl >"$work/watch" 2>/dev/null &
watcher=$!
until_true test -s "$work/watch"
$cli restart worker -q
check "ls -w shows changes" until_true grep -q '"name":"worker".*"run":5' "$work/watch"
sample() { echo "$(wc -l <"$work/watch") $(grep ctxt_switches "/proc/$watcher/status")"; }
sleeps() {
  before=$(sample)
  sleep 0.3
  [ "$before" = "$(sample)" ]
}
check "and sleeps while there are none" until_true sleeps
kill "$watcher"
wait "$watcher" 2>/dev/null

### standard output
closed() { "$@" >&-; }
full() { "$@" >/dev/full; }
gives 1 "a closed standard output is noticed" closed $cli ls
check "in a line" err_is_a_line
gives 1 "a full disk is noticed" full $cli ls --json
gives 1 "by logs too" full $cli logs
run sh -c "$cli logs web | head -n 1"
check "a reader that leaves is no trouble" test "$rc:$err" = 0:
$cli logs -f worker >"$work/pipe.log" &
follower=$!
kill -PIPE "$follower"
wait "$follower" 2>/dev/null
ended=$?
check "logs -f ends by SIGPIPE" test "$ended" -eq 141
gives 0 "and when its reader has gone, without a line to write" timeout 10 sh -c "$cli logs -f -n 0 worker | true"

### the other read path
normalised() { jq -S 'del(.instance.supervisor.readPath) | del(.processes[].duration)'; }
compare() {
  $cli ls --json >"$work/before.json"
  $cli --read-path rpc ls --json >"$work/between.json"
  $cli ls --json >"$work/after.json"
  normalised <"$work/before.json" >"$work/shm.json"
  normalised <"$work/after.json" | cmp -s - "$work/shm.json" || return 2 # something changed meanwhile
  normalised <"$work/between.json" | cmp -s - "$work/shm.json"
}
# Compare while processes restart, until enough pairs are of one instant. Any pair that differs fails.
compare_moving() {
  (while [ -e "$work/going" ]; do $cli -q restart worker lint >/dev/null 2>&1 && sleep 0.3; done) &
  restarter=$!
  same=0
  tries=0
  while [ "$same" -lt 10 ] && [ "$tries" -lt 1000 ]; do
    tries=$((tries + 1))
    compare
    case $? in
      0) same=$((same + 1)) ;;
      1) break ;;
    esac
  done
  rm "$work/going"
  wait "$restarter"
  [ "$same" -ge 10 ]
}
run $cli stop web
check "rpc says the same as shm, field by field" until_true compare
touch "$work/going"
check "also while processes come and go" compare_moving
$cli -q start web
gives 0 "logs by rpc" $cli --read-path rpc logs lint
gives 2 "events have no other path" $cli --read-path rpc events

### consistency
consistent() {
  jq -e '.processes | all(
    ((.status | IN("starting", "running", "stopping")) == has("pid")) and
    ((has("exitCode") and has("signal")) | not) and
    (has("run") == has("startTime")) and
    (if .status == "success" then .exitCode == 0 else true end) and
    (.id == (if .run then "\(.name)#\(.run)" else .name end)))' >/dev/null
}
parallel() {
  i=0
  while [ -e "$work/going" ]; do
    $cli -q restart worker lint >/dev/null 2>&1
  done &
  restarter=$!
  for i in 1 2 3 4 5 6 7 8 9 10; do
    (
      for _ in 1 2 3 4 5; do
        $cli ls --json | consistent || touch "$work/inconsistent"
      done
    ) &
    eval "reader$i=$!"
  done
  for i in 1 2 3 4 5 6 7 8 9 10; do
    eval "wait \$reader$i"
  done
  rm "$work/going"
  wait "$restarter"
  [ ! -e "$work/inconsistent" ]
}
touch "$work/going"
run true
check "ten readers at once agree with themselves" parallel

### from within
gives 0 "a supervised process finds its instance" $cli run --wait 'cd / && brummer-cli ls -o name web'

### a region that cannot be read
mkdir "$work/odd"
printf 'x: true\n' >"$work/odd/Procfile"
$cli -C "$work/odd" -q up -d
name=$($cli -C "$work/odd" ls --json | jq -r .instance.name)
$cli -C "$work/odd" -q down
odd=/dev/shm/brummer.$(id -u).$name
(umask 077; head -c 65536 /dev/zero >"$odd")
gives 1 "a region that is none is an error" $cli -C "$work/odd" ls
check "which names the switch" err_has "--read-path rpc"
gives 0 "instances lists it" $cli instances -o json
check "as unreadable" jq -e --arg name "$name" '.instances[] | select(.name == $name) | .state == "unreadable"' "$work/out"
chmod 666 "$odd"
gives 1 "one that others may write to is an error" $cli -C "$work/odd" ls
rm -f "$odd"

### a supervisor that is stopped
$cli start worker -q
stopped=$(engine)
kill -STOP "$stopped"
check "a stopped supervisor is seen" until_true state_is unresponsive
gives 0 "ls answers all the same" $cli ls
check "with a warning" err_has "does not respond"
for command in 'show web' 'logs lint' events urls 'wait web' instances; do
  # shellcheck disable=SC2086
  gives 0 "$command answers too" timeout 5 $cli $command
done
gives 1 "a command says that there is no answer" timeout 10 $cli stop worker
check "in a line" err_is_a_line
kill -CONT "$stopped"
check "it goes on" until_true state_is live
gives 0 "and takes commands" $cli restart worker

### an engine that is killed
$cli logs -f -n 0 web >"$work/ticks" 2>/dev/null &
follower=$!
until_true test -s "$work/ticks"
for i in 1 2 3; do
  killed=$(engine)
  kill -KILL "$killed"
  successor() { [ "$(engine)" != "$killed" ] && state_is live; }
  until_true successor
done
check "a killed engine comes back" state_is live
check "nothing that ran has ended" is web running
lines=$(wc -l <"$work/ticks")
more() { [ "$(wc -l <"$work/ticks")" -gt $((lines + 10)) ]; }
until_true more
kill "$follower"
wait "$follower" 2>/dev/null
consecutive() { awk '{ if (NR > 1 && $2 != last + 1) exit 1; last = $2 }' "$work/ticks"; }
check "logs -f lost and doubled no line" consecutive
gives 0 "commands go on" $cli restart worker

### second supervisor, dead supervisor
gives 1 "a second supervisor is refused" brummerd -C "$shop"
check "in a line" test "$(wc -l <"$work/err")" -eq 1
dead_engine=$(engine)
dead_keeper=$(keeper)
web=$(field_of web pid)
worker=$(field_of worker pid)
kill -KILL "$dead_keeper"
kill -KILL "$dead_engine"
check "both killed is seen" until_true state_is dead
gives 4 "ls answers from the last state" $cli ls
check "and says that it is" err_has "has died" "last state"
for command in 'show web' 'logs lint' events urls 'wait web --for running'; do
  # shellcheck disable=SC2086
  gives 4 "$command answers from the last state" $cli $command
done
gives 1 "a wait that cannot come true any more ends" $cli wait web --for exit
gives 3 "commands find nobody" $cli stop web
gives 0 "a new supervisor takes over" $cli up -d
check "it is live" state_is live
gives 0 "down ends all" $cli down
check "no region is left" test -z "$(work_regions)"
check "no socket is left" test -z "$(find "$work/run" -type s -o -name lock)"
none_left() { until_true gone "$web" && until_true gone "$worker"; }
check "no process is left" none_left
gives 0 "the logs are still there" $cli logs lint
check "as they were" out_has "it is wrong"

### up in front
$cli up >"$work/front" 2>"$work/front.err" &
front=$!
check "up in front shows the logs" until_true grep -q 'web    | tick 3' "$work/front"
$cli run --name other -q sleep 1000
kill -INT "$front"
wait "$front"
ended=$?
check "Ctrl-C stops what it has started" is web stopped
check "the status tells that one had failed" test "$ended" -eq 1
check "and leaves what others have started" is other running
rm "$work/front"
$cli up web >"$work/front" 2>"$work/err" &
front=$!
until_true grep -q tick "$work/front"
kill -INT "$front"
wait "$front"
ended=$?
check "beside a running supervisor it stops its own" is web stopped
check "and nothing else" is other running
check "which is success" test "$ended" -eq 0
gives 0 "up NAME ends when that has finished" $cli up build
check "and showed its log" out_has "build | built"
gives 1 "and fails with it" $cli up lint
$cli up hang >"$work/front" 2>/dev/null &
front=$!
until_true is hang running
kill -INT "$front"
until_true is hang stopping
kill -INT "$front"
check "twice kills" until_true gone "$front"
wait "$front"
$cli down -q
gives 0 "up in front ends its supervisor too" $cli up build
check "when nothing is left to do" test -z "$(work_regions)"
gives 0 "up --wait returns when all is ready" $cli up --wait --timeout 10s web worker
check "as it is" is web running
gives 1 "and fails with a wrong name" $cli up --wait wbe
gives 0 "down once more" $cli down --timeout 5s
check "nothing is left" test -z "$(work_regions)$(find "$work/run" -type s)"

plan "$number"
