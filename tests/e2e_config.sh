#!/bin/sh
# SPDX-License-Identifier: MIT
#
# e2e_config.sh - a project with a brummer.yaml: up, reload after an edit, what is wrong with it. Prints TAP.
#
# Functions are called by check(); what is quoted is for the processes' own shell:
# shellcheck disable=SC2317,SC2016

# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
work_begin conf
plan 28
mkdir -p "$work/shop/web" && cd "$work/shop" || exit 99

cat >brummer.yaml <<'END'
env_file: .env
processes:
  db:
    command: "sleep 0.2; echo database is up; exec sleep 1000"
    ready: {log: "is up$"}
  migrate:
    command: ["touch", "${TABLE:-none}"]
    depends_on: {db: ready}
  web:
    command: "echo $GREETING; touch ready; exec sleep 1000"
    dir: web
    env: {GREETING: hello}
    depends_on: {db: ready, migrate: success}
    ready: {exec: "test -e ready", interval: 20ms}
  worker:
    command: "while :; do sleep 1; done"
    depends_on: [web]
    replicas: 2
  later: {command: sleep 1000, autostart: false}
  nightly: {command: sleep 1000, profiles: [night]}
END
echo 'TABLE=tables' >.env

status_is() { # NAME STATUS
  run brummer-cli ls -o tsv --no-header "$1"
  out_has "$2"
}
pid_of() { brummer-cli ls -o json "$1" | sed -n 's/.*"pid":\([0-9]*\),.*"startTime".*/\1/p'; }
runs_of() { brummer-cli show -o json "$1" | sed -n 's/.*"run":\([0-9]*\).*/\1/p'; }

gives 0 "a correct file is correct" brummerd --check
check "and that is said in one line" test "$out" = "brummer.yaml: 7 processes, no errors"
run brummer-cli -q check
check "unless it is not wanted" test -z "$out$err"
gives 0 "up waits until everything is ready" brummer-cli up -d --wait
check "what others depend on went first, with variables of .env" test -e tables
check "the command got its variable" sh -c 'brummer-cli logs web | grep -qx hello'
check "replicas run under their names" status_is worker.2 running
check "what does not start by itself is there" status_is later pending
check "nor does what is of another profile" status_is nightly pending

before=$(runs_of db)
sed -i 's/GREETING: hello/GREETING: bye/' brummer.yaml
gives 0 "a change is read" brummer-cli reload
check "what has changed is restarted" until_true sh -c 'brummer-cli logs web | grep -qx bye'
check "what has not goes on" test "$(runs_of db)" = "$before"

sed -i 's/ready: {log/raedy: {log/; s/replicas: 2/replicas: two/' brummer.yaml
gives 1 "a wrong file is refused" brummer-cli reload
check "and changes nothing" status_is db running
gives 1 "check says so" brummerd --check
check "with every error and its place" err_has 'brummer.yaml:5:5: there is no key raedy, expected ready' \
  'brummer.yaml:18:15: replicas is "two", expected a number of 1 to 1000'
run brummerd --check -o json
check "also as JSON" out_has '"ok":false' '"line":5,"column":5,"message":"there is no key raedy, expected ready"'
brummer-cli -q down
gives 1 "nothing starts with a wrong file" brummer-cli up -d

mkdir "$work/old" && cd "$work/old" || exit 99
printf 'web: touch started; exec sleep 1000\nworker sleep 1000\nempty:\n' >Procfile
gives 1 "nothing starts with a bad line in a Procfile" brummer-cli up -d
check "not even what stands in a good one" sh -c '! test -e started && brummer-cli instances -o name | grep -c /old | grep -qx 0'
gives 1 "check finds them" brummer-cli check
check "all at once" err_has 'Procfile:2:1: not an entry' 'Procfile:3:1: an entry without a command'
printf 'web: touch started; exec sleep 1000\n' >Procfile
brummer-cli -q up -d --wait
before=$(runs_of web)
printf 'web: exec sleep 1001\nworker sleep 1000\n' >Procfile
gives 1 "one that comes later is refused" brummer-cli reload
check "and changes nothing" test "$(runs_of web)" = "$before"
brummer-cli -q down
cd "$work/shop" || exit 99

cat >other.yaml <<'END'
processes: {only: {command: sleep 1000, profiles: [night]}}
END
run brummerd --config other.yaml --profile night
check "another file can be named, and a profile" until_true status_is only running
sed -i 's/only/mine/' other.yaml
brummer-cli -q reload
check "a reload reads that file again" until_true status_is mine running
run brummerd --config other.yaml --explain mine
check "every value has its source" out_has 'other.yaml:1'
run brummerd --config other.yaml --explain mien
check "a name that is not there has a nearest one" err_has 'there is no such process (did you mean mine?)'
