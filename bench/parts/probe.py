# SPDX-License-Identifier: ISC
"""What a check costs: rrdnsd beside each peer, one after the other on the same core,
round after round, against the same endpoints."""

import contextlib
import os
import subprocess
import tempfile
import time

from kit import place, room, table, usage
from kit.attempt import attempt
from kit.firewall import Firewall
from kit.node import end, running
from kit.target import HALF, HOST, Endpoints, TlsEndpoints, address
from peers import Job
from peers.bare import Bare
from peers.gdnsd import Gdnsd
from peers.haproxy import HAProxy
from peers.keepalived import Keepalived
from peers.powerdns import PowerDns
from peers.rrdnsd import Rrdnsd

PEERS = (Rrdnsd, HAProxy, Keepalived, Gdnsd, PowerDns, Bare)


class Count:
    """Checks that came to an end since the last look. Answered ones are counted by the endpoints,
    those that were dropped by what was sent and never accepted. Of tcp the connects count: a
    checker may reset the connection before the endpoint sees it."""

    def __init__(self, target, scheme, dropping):
        self.target, self.scheme, self.dropping = target, scheme, dropping
        self.before = self.now()

    def now(self):
        accepted, answered = self.target.counts()
        opened = room.connects()
        if self.scheme == "tcp":
            return opened
        return answered + opened - accepted if self.dropping else answered

    def taken(self):
        return self.now() - self.before


def measure(checker, target, dropping, settle_s, seconds):
    env = dict(os.environ, **checker.environment())
    child = subprocess.Popen(place.on_checker_core(checker.argv()), env=env,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        checker.started()
        time.sleep(settle_s)
        count, cpu, since = Count(target, checker.job.scheme, dropping), usage.cpu_s(child.pid), time.monotonic()
        time.sleep(seconds)
        cpu, took, done = usage.cpu_s(child.pid) - cpu, time.monotonic() - since, count.taken()
        assert child.poll() is None, f"it ended with {child.returncode}"
        due = len(checker.job.addresses) / checker.interval_s
        return {
            "CPU us per check": cpu * 1e6 / done if done > 0 else None,
            "checks/s": done / took,
            "done / due": done / took / due,
            "core %": cpu / took * 100,
            "peak MiB": usage.memory_mib(child.pid),
            "lag p99 ms": None,
            **checker.details(),
        }
    finally:
        end(child)


def compare(checkers, target, dropping, rounds, settle_s, seconds):
    """A B C A B C; {name: [one measurement a round]}"""
    taken = {checker.name: [] for checker in checkers}
    for _ in range(rounds):
        for checker in checkers:
            made = attempt(checker.name, lambda: measure(checker, target, dropping, settle_s, seconds))
            taken[checker.name].append(made)
    return taken


def rows(what, taken, ours="rrdnsd"):
    for name, figures in taken.items():
        row = {**what, "checker": name, **table.medians(figures)}
        if any(figures):
            cpu, others = ([f and f["CPU us per check"] for f in taken[key]] for key in (ours, name))
            row["rrdnsd / it"] = table.median_ratio(cpu, others)
        yield row


def sizes(options, scheme):
    """(endpoints, whether half of them drop packets)"""
    few = [(100, False), (1000, False)]
    if options.quick:
        return few
    return few + [(10000, False)] + ([(10000, True)] if scheme != "https" else [])


def settle_seconds(n):
    """Until all were checked, caches and sessions are there, and the start is out of the
    1,024 turns of which rrdnsd tells the lag."""
    return 3 if n < 10000 else 12


class ReusingRrdnsd(Rrdnsd):
    name = "rrdnsd, reuse"


def one_size(options, scheme, target, n, dropping):
    rounds, seconds = (1, 3) if options.quick else (options.rounds, 6)
    job = Job(scheme, [address(i) for i in range(n)], target.port, HOST,
              target.ca.cert if scheme == "https" else None, options.programs, options.rrdnsd)  # fmt: skip
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        if dropping:
            stack.enter_context(running(Firewall(target.port))).add("dropped", HALF)
        checkers = []
        kinds = [kind for kind in PEERS if scheme in kind.schemes]
        if scheme == "https":
            kinds.append(ReusingRrdnsd)
        for kind in kinds:
            os.mkdir(f"{directory}/{kind.name}")
            its = Job(**dict(vars(job), reuse=kind is ReusingRrdnsd))
            checkers.append(kind(its, f"{directory}/{kind.name}"))
        taken = compare(checkers, target, dropping, rounds, settle_seconds(n), seconds)
    return rows({"checks": scheme, "endpoints": n, "half drops": "yes" if dropping else "no"}, taken)


def run(options, scheme):
    found = []
    with tempfile.TemporaryDirectory() as directory:
        target = TlsEndpoints(directory) if scheme == "https" else Endpoints(options.programs)
        try:
            for n, dropping in sizes(options, scheme):
                found += one_size(options, scheme, target, n, dropping)
        finally:
            target.stop()
    return {"at 1 s": found}
