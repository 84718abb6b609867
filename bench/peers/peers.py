#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Brummer beside other process supervisors, in one run on one machine.

usage: peers.py --build DIR [--quick] [--json] [--only NAME[,NAME...]]

Runs what is installed of supervisor, s6, runit, pm2, mprocs, concurrently and foreman (of npm), and names what is
not; installs nothing. Programs of npm are looked for in PATH and in $PEERS_NODE_MODULES/.bin. Every supervisor runs
the same small child (peer_child.c) 10 and 100 times. What it measures is the rows of ROWS. Whatever a supervisor
leaves behind is counted, then ended: by pid, and only what these children wrote down themselves.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

DEADLINE_S = 60


class Missing(Exception):
    """A supervisor that is not installed."""


def program(name):
    """The path of a program, or Missing."""
    modules = os.environ.get("PEERS_NODE_MODULES")
    path = shutil.which(name) or (modules and shutil.which(os.path.join(modules, ".bin", name)))
    if not path:
        raise Missing(name)
    return path


def wait_until(condition, what):
    end = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.0005)


def stat_of(pid):
    """(parent, start time) of a process, None when it is gone or a zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] == b"Z" else (int(fields[1]), int(fields[19]))


def end_all(born):
    """Kill the processes {pid: stat_of() at its birth} that still live."""
    for pid, stat in born.items():
        now = stat_of(pid)
        if stat and now and now[1] == stat[1]:
            os.kill(pid, signal.SIGKILL)


class Children:
    """The children of one supervisor: each writes a file named by its pid."""

    def __init__(self, directory):
        self.dir = directory
        self.born = {}

    def pids(self):
        pids = {int(name) for name in os.listdir(self.dir)}
        for pid in pids - set(self.born):
            self.born[pid] = stat_of(pid)
        return pids

    def alive(self):
        return {pid for pid in self.pids() if self.born[pid] and stat_of(pid) and stat_of(pid)[1] == self.born[pid][1]}

    def wait(self, count):
        wait_until(lambda: len(os.listdir(self.dir)) >= count, f"{count} children")
        self.pids()


class Supervisor:
    """One supervisor: how to start it with `count` commands, ask it, and stop it. All in self.dir."""

    name = ""
    restarts = True

    def __init__(self, build, directory):
        self.build, self.dir = build, directory
        self.process = None
        self.prepare()

    def prepare(self):
        """Find the programs; raise Missing."""

    def configure(self, commands):
        """Write the configuration for a list of commands (lists of arguments)."""

    def command(self):
        """What is started, in front."""
        raise NotImplementedError

    def status(self):
        """The command of a shell that asks for the status of everything; None if there is none."""
        return None

    def environment(self):
        return dict(os.environ, HOME=self.dir)

    def file(self, name, text, mode=0o644):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def start(self):
        with open(os.path.join(self.dir, "output"), "ab") as output:
            self.process = subprocess.Popen(self.command(), cwd=self.dir, env=self.environment(), stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output, start_new_session=True)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def roots(self):
        return {self.process.pid}

    def own_pids(self, children):
        """The supervisor's processes: what descends from its roots, without the children."""
        parents = {int(name): stat_of(name) for name in os.listdir("/proc") if name.isdigit()}
        own, grew = set(self.roots()), True
        while grew:
            more = {pid for pid, stat in parents.items() if stat and stat[0] in own and pid not in children} - own
            grew = bool(more)
            own |= more
        return {pid for pid in own if stat_of(pid)}


class Brummer(Supervisor):
    name = "brummer"

    def prepare(self):
        self.cli = os.path.join(self.build, "brummer-cli")
        if not os.access(self.cli, os.X_OK):
            raise Missing(self.cli)

    def configure(self, commands):
        lines = ["processes:"]
        for number, command in enumerate(commands):
            lines += [f"  p{number}:", f"    command: {json.dumps(command)}",
                      "    restart: {when: always, backoff: 0s..0s}" if command[2] == "idle" else "    restart: never"]
        self.file("brummer.yaml", "\n".join(lines) + "\n")

    def environment(self):
        places = {"XDG_RUNTIME_DIR": "run", "XDG_STATE_HOME": "state"}
        for folder in places.values():
            os.makedirs(os.path.join(self.dir, folder), mode=0o700, exist_ok=True)
        return dict(os.environ, HOME=self.dir, BRUMMERD=os.path.join(self.build, "brummerd"),
                    **{key: os.path.join(self.dir, folder) for key, folder in places.items()})

    def command(self):
        return [os.path.join(self.build, "brummerd"), "-C", self.dir, "--foreground"]

    def status(self):
        return [self.cli, "-C", self.dir, "ls"]


class Supervisord(Supervisor):
    name = "supervisord"

    def prepare(self):
        self.daemon, self.ctl = program("supervisord"), program("supervisorctl")

    def configure(self, commands):
        text = ("[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=pid\n"
                "[unix_http_server]\nfile=sock\n[supervisorctl]\nserverurl=unix://sock\n[rpcinterface:supervisor]\n"
                "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n")
        for number, command in enumerate(commands):
            again = "true" if command[2] == "idle" else "false"
            text += (f"[program:p{number}]\ncommand={' '.join(command)}\nautorestart={again}\nstartsecs=0\n"
                     f"stdout_logfile=p{number}.log\n")
        self.file("supervisord.conf", text)

    def command(self):
        return [self.daemon, "-c", "supervisord.conf"]

    def status(self):
        return [self.ctl, "-c", "supervisord.conf", "status"]


class ServiceFolders(Supervisor):
    """s6 and runit: a folder a service, with a script `run` and a logger beside it."""

    logger = ""
    finish = ""  # what keeps a child that has ended from being started again

    def configure(self, commands):
        self.services = [f"scan/p{number}" for number in range(len(commands))]
        for folder, command in zip(self.services, commands):
            self.file(f"{folder}/run", f"#!/bin/sh\nexec {' '.join(command)}\n", 0o755)
            if command[2] != "idle":
                self.file(f"{folder}/log/run", f"#!/bin/sh\nexec {self.logger} ./main\n", 0o755)
                os.makedirs(os.path.join(self.dir, folder, "log/main"))
                self.file(f"{folder}/finish", f"#!/bin/sh\n{self.finish}\n", 0o755)


class S6(ServiceFolders):
    name = "s6"
    finish = "exit 125"

    def prepare(self):
        self.scan, self.stat = program("s6-svscan"), program("s6-svstat")
        self.logger = f"{program('s6-log')} n4 s16777216"

    def command(self):
        return [self.scan, "-c", "500", "scan"]

    def status(self):
        return ["/bin/sh", "-c", f"for s in scan/p*; do {self.stat} $s; done"]


class Runit(ServiceFolders):
    name = "runit"
    finish = "exec sleep 1000"

    def prepare(self):
        self.scan, self.sv = program("runsvdir"), program("sv")
        self.logger = program("svlogd")

    def command(self):
        return [self.scan, "scan"]

    def status(self):
        return [self.sv, "status"] + [os.path.join(self.dir, folder) for folder in self.services]

    def stop(self):
        self.process.send_signal(signal.SIGHUP)
        self.process.wait(20)


class Pm2(Supervisor):
    name = "pm2"

    def prepare(self):
        self.pm2 = program("pm2")

    def configure(self, commands):
        apps = [{"name": f"p{number}", "script": command[0], "args": command[1:], "interpreter": "none",
                 "autorestart": command[2] == "idle"} for number, command in enumerate(commands)]
        self.file("ecosystem.config.json", json.dumps({"apps": apps}))

    def environment(self):
        return dict(os.environ, HOME=self.dir, PM2_HOME=os.path.join(self.dir, ".pm2"))

    def command(self):
        return [self.pm2, "start", "ecosystem.config.json"]

    def status(self):
        return [self.pm2, "ls"]

    def roots(self):
        with open(os.path.join(self.dir, ".pm2/pm2.pid"), encoding="ascii") as file:
            return {int(file.read())}

    def stop(self):
        subprocess.run([self.pm2, "kill"], env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       check=False)
        self.process.wait()


class Concurrently(Supervisor):
    name = "concurrently"
    restarts = False

    def prepare(self):
        self.concurrently = program("concurrently")

    def configure(self, commands):
        self.commands = [" ".join(command) for command in commands]

    def command(self):
        return [self.concurrently] + self.commands


class Foreman(Supervisor):
    name = "foreman (npm)"
    restarts = False

    def prepare(self):
        self.nf = program("nf")

    def configure(self, commands):
        self.file("Procfile", "".join(f"p{number}: {' '.join(command)}\n" for number, command in enumerate(commands)))

    def command(self):
        return [self.nf, "start"]


class Mprocs(Supervisor):
    """Needs a terminal: script(1) gives it one."""

    name = "mprocs"

    def prepare(self):
        self.mprocs, self.script = program("mprocs"), program("script")

    def configure(self, commands):
        procs = {f"p{number}": {"cmd": command, "autorestart": command[2] == "idle"}
                 for number, command in enumerate(commands)}
        self.file("mprocs.yaml", json.dumps({"procs": procs}))

    def environment(self):
        return dict(os.environ, HOME=self.dir, TERM="xterm-256color")

    def command(self):
        return [self.script, "-qfc", f"stty rows 50 cols 200; exec {self.mprocs}", "/dev/null"]


SUPERVISORS = [Brummer, S6, Runit, Supervisord, Pm2, Mprocs, Concurrently, Foreman]


class Trial:
    """One supervisor with `count` commands; `with` cleans up whatever happens."""

    def __init__(self, kind, options, commands):
        self.folder = tempfile.mkdtemp(prefix="brummer-peers-")
        self.notes = os.path.join(self.folder, "children")
        os.mkdir(self.notes)
        self.children = Children(self.notes)
        try:
            work = os.path.join(self.folder, "work")
            os.mkdir(work)
            self.supervisor = kind(options.build, work)
            child = os.path.join(options.build, "bench/peers/peer_child")
            self.supervisor.configure([[child, self.notes] + command for command in commands])
        except BaseException:
            shutil.rmtree(self.folder)
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.supervisor.process:
            own = {pid: stat_of(pid) for pid in self.supervisor.own_pids(self.children.pids())}
            self.supervisor.stop()
            end_all(own)
        end_all(self.children.born)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, children):
        begin = time.monotonic()
        self.supervisor.start()
        self.children.wait(children)
        return time.monotonic() - begin


def pss_kib(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


def switches(pids):
    total = 0
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as file:
                total += sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)
    return total


def idle(count):
    return [["idle"]] * count


def measure_running(kind, options, count, out):
    """Cold start, memory, status, wake-ups, restart and what is left: of one supervisor with idle children."""
    with Trial(kind, options, idle(count)) as trial:
        supervisor = trial.supervisor
        out["cold start", count] = trial.start(count) * 1000
        time.sleep(2)
        own = supervisor.own_pids(trial.children.pids())
        own_born = {pid: stat_of(pid) for pid in own}
        out["memory", count] = sum(map(pss_kib, own)) / 1024
        before, begin = switches(own), time.monotonic()
        time.sleep(options.rest_s)
        out["wake-ups at rest", count] = (switches(own) - before) / (time.monotonic() - begin)
        if supervisor.status():
            out["status", count] = measure_status(supervisor, options) * 1000
        if supervisor.restarts and count == 10:
            out["kill to running", count] = measure_restart(trial.children, options) * 1000
        supervisor.stop()
        supervisor.process = None
        time.sleep(0.5)
        out["children left", count] = len(trial.children.alive())
        end_all(own_born)


def measure_status(supervisor, options):
    times = []
    for _ in range(options.repeats):
        begin = time.monotonic()
        subprocess.run(supervisor.status(), cwd=supervisor.dir, env=supervisor.environment(), stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)
        times.append(time.monotonic() - begin)
    return statistics.median(times)


def measure_restart(children, options):
    times = []
    for _ in range(options.repeats):
        known = children.pids()
        begin = time.monotonic()
        os.kill(min(children.alive()), signal.SIGKILL)
        wait_until(lambda: len(os.listdir(children.dir)) > len(known), "a restart")
        times.append(time.monotonic() - begin)
        time.sleep(0.05)
    return statistics.median(times)


def measure_logs(kind, options, how, out):
    with Trial(kind, options, [[how, str(options.mebibytes)]]) as trial:
        out["log " + how, 1] = options.mebibytes * 1.048576 / trial.start(1)


# name, unit, counts, higher is better
ROWS = [("status", "ms", (10, 100), False), ("cold start", "ms", (10, 100), False), ("memory", "MiB PSS", (10, 100), False),
        ("wake-ups at rest", "/s", (10,), False), ("kill to running", "ms", (10,), False), ("log block", "MB/s", (1,), True),
        ("log line", "MB/s", (1,), True), ("children left", "", (10, 100), False)]


def measure(kind, options):
    out = {}
    steps = [(measure_running, count) for count in (10, 100)] + [(measure_logs, how) for how in ("block", "line")]
    for step, what in steps:
        try:
            step(kind, options, what, out)
        except (TimeoutError, OSError, subprocess.SubprocessError) as error:
            print(f"# {kind.name}, {what}: {error}", file=sys.stderr)
    return out


def show(results):
    names = list(results)
    print(f"{'':28}" + "".join(f"{name:>15}" for name in names))
    for what, unit, counts, _ in ROWS:
        for count in counts:
            values = [results[name].get((what, count)) for name in names]
            label = f"{what} ({count}), {unit}" if unit else f"{what} ({count})"
            print(f"{label:28}" + "".join(f"{'-' if v is None else format(v, '.4g'):>15}" for v in values))


def show_json(results, skipped):
    rows = []
    for what, unit, counts, higher in ROWS:
        for count in counts:
            ours = results.get("brummer", {}).get((what, count))
            for name, values in results.items():
                theirs = values.get((what, count))
                if name == "brummer" or ours is None or theirs is None:
                    continue
                up, down = (ours, theirs) if higher else (theirs, ours)
                rows.append({"name": f"{what}, {count} / {name}", "unit": unit, "ours": ours, "baseline": theirs,
                             "ratio": up / down if down else None, "skipped": False})
    rows += [{"name": name, "skipped": True} for name in skipped]
    print(json.dumps({"rows": rows}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="the build tree")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", help="names of supervisors, with commas")
    options = parser.parse_args()
    options.build = os.path.realpath(options.build)
    options.rest_s, options.repeats, options.mebibytes = (2, 5, 64) if options.quick else (10, 21, 512)
    results, skipped = {}, []
    for kind in SUPERVISORS:
        if options.only and kind.name not in options.only.split(","):
            continue
        try:
            kind(options.build, "/nonexistent")
        except Missing as missing:
            print(f"# {kind.name}: skipped, {missing} is not installed", file=sys.stderr)
            skipped.append(kind.name)
            continue
        results[kind.name] = measure(kind, options)
    if options.json:
        show_json(results, skipped)
    else:
        show(results)


if __name__ == "__main__":
    main()
