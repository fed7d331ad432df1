# SPDX-License-Identifier: ISC
"""What happens when: faults in rounds, all of it from one seed. Pure."""

import collections
import random

STORM_S = 40
NODES = 3
SERVERS = ("knot", "bind")
ENDPOINT_MODES = ("refused", "dropped", "reset", "garbage", "slow", "mute", "close", "500")
TLS_MODES = (*ENDPOINT_MODES, "tls")
VARIANTS = ("fall", "ttl", "interval", "broken")

# seconds: how long it lasts; what: on which node, server, link or endpoint
Fault = collections.namedtuple("Fault", "at kind what argument seconds")

# kind: (how often, how long at least and at most)
WEIGHTS = {
    "kill": (3, 0.5, 8),
    "restart": (2, 0, 0),
    "stop": (3, 1, 20),
    "reload": (3, 1, 10),
    "cut": (4, 1, 10),
    "loss": (3, 1, 10),
    "delay": (3, 1, 10),
    "server": (2, 0.5, 4),
    "clock": (1, 1, 10),
    "disk": (2, 2, 15),
    "descriptors": (2, 2, 15),
}
KINDS = (*WEIGHTS, "endpoint")


def links():
    nodes = [f"node{i}" for i in range(NODES)]
    pairs = [(a, b) for i, a in enumerate(nodes) for b in nodes[:i]]
    return pairs + [(node, far) for node in nodes for far in (*SERVERS, "web")]


class Plan:
    """rounds: each is a list of faults, at = seconds from its begin. An endpoint
    stays what it became until the next fault of that endpoint; all else has ended
    when its round has."""

    def __init__(self, seed, rounds, endpoints, tls=()):
        self.random = random.Random(seed)
        self.endpoints = list(endpoints)
        self.tls = set(tls)
        self.bad = set()
        self.rounds = [self.round() for _ in range(rounds)]

    def round(self):
        faults, busy, at = [], {}, 0.0
        while (at := at + self.random.expovariate(2)) < STORM_S - 1:
            fault = self.endpoint(at) if self.random.random() < 0.5 else self.fault(at)
            if busy.get(self.resource(fault), 0) <= at:
                busy[self.resource(fault)] = at + fault.seconds + 0.2
                faults.append(fault)
                self.note(fault)
        return faults

    def note(self, fault):
        if fault.kind == "endpoint":
            (self.bad.discard if fault.argument == "ok" else self.bad.add)(fault.what)

    @staticmethod
    def resource(fault):
        """Two faults of one of these at one time would undo each other."""
        if fault.kind in ("kill", "restart", "stop", "reload", "descriptors"):
            return "process", fault.what
        if fault.kind in ("cut", "loss", "delay"):
            return "link", fault.what
        return fault.kind, fault.what

    def endpoint(self, at):
        heals = self.bad and self.random.random() < 0.5
        what = self.random.choice(sorted(self.bad) if heals else self.endpoints)
        if what in self.bad:
            return Fault(at, "endpoint", what, "ok", 0)
        modes = TLS_MODES if what in self.tls else ENDPOINT_MODES
        return Fault(at, "endpoint", what, self.random.choice(modes), 0)

    def fault(self, at):
        kinds = list(WEIGHTS)
        kind = self.random.choices(kinds, [WEIGHTS[k][0] for k in kinds])[0]
        _, least, most = WEIGHTS[kind]
        seconds = min(self.random.uniform(least, most), STORM_S - at)
        return Fault(at, kind, *self.target(kind), seconds)

    def target(self, kind):
        """(what, argument)"""
        node = self.random.randrange(NODES)
        if kind in ("cut", "loss", "delay"):
            return self.random.choice(links()), None
        if kind == "server":
            return self.random.choice(SERVERS), self.random.choice(("end", "end", "kill"))
        if kind == "clock":  # of the one that has a clock of its own
            return 0, self.random.choice((-3600, -30, -2, 2, 30, 3600))
        return node, self.random.choice(VARIANTS) if kind == "reload" else None
