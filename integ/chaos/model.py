# SPDX-License-Identifier: ISC
"""What may be seen in DNS, given what was done to the endpoints and to the links
to them. Pure: times come in as arguments, in seconds on any one clock.

It knows nothing of nodes that die or links between them: none of that may ever
remove a record. It allows for one thing only, that the right decision is seen late:
up to window_s after its reason ended. Where the endpoints themselves, or the switch,
had no processor, they were down for whoever asked, and nothing is held against nodes."""

import collections

Violation = collections.namedtuple("Violation", "at kind server fqdn text")

NODES = 3
MAJORITY = 2
FAIL_OPEN_PERCENT = 50
KINDS = ("wrong removal", "wrong addition", "empty answer", "foreign record lost")


class Spans:
    """When something was so: begin and end, many times."""

    def __init__(self):
        self.spans = []

    def begin(self, at):
        if not self.is_on():
            self.spans.append([at, None])

    def end(self, at):
        if self.is_on():
            self.spans[-1][1] = at

    def add(self, begin, end):
        """These are told in any order."""
        self.spans.insert(0, [begin, end])

    def length(self):
        return sum(end - begin for begin, end in self.spans)

    def is_on(self):
        return bool(self.spans) and self.spans[-1][1] is None

    def ever(self, begin, end):
        """At any time between these two."""
        return any(b <= end and (e is None or e >= begin) for b, e in self.spans)

    def always(self, begin, end):
        return any(b <= begin and (e is None or e >= end) for b, e in self.spans)


class Model:
    """services: {fqdn: addresses of endpoints}; foreign: {fqdn: other addresses
    in the same RRset}."""

    def __init__(self, services, foreign, window_s):
        self.services = {fqdn: frozenset(ips) for fqdn, ips in services.items()}
        self.foreign = {fqdn: frozenset(foreign.get(fqdn, ())) for fqdn in services}
        self.window_s = window_s
        self.bad = collections.defaultdict(Spans)  # by endpoint
        self.blind = [Spans() for _ in range(NODES)]  # no, or a bad, way to the endpoints
        self.late = Spans()  # nothing could be reached in time, by our fault
        self.last = {}  # (server, fqdn): addresses
        self.killed = {}  # server: when
        self.changes = 0
        self.violations = []

    def count(self, kind):
        return sum(v.kind == kind for v in self.violations)

    def forget(self, at, server):
        """It was killed: what it had not yet saved, it may have lost."""
        self.killed[server] = at

    def may_be_down(self, ip, begin, end):
        """A majority may have voted so in that time."""
        blind = sum(spans.ever(begin, end) for spans in self.blind)
        return blind >= MAJORITY or self.late.ever(begin, end) or self.bad[ip].ever(begin, end)

    def may_be_up(self, ip, begin, end):
        return not self.bad[ip].always(begin, end)

    def share(self, fqdn, down):
        ips = self.services[fqdn]
        return 100 * sum(map(down, ips)) / len(ips)

    def may_fail_open(self, fqdn, begin, end):
        return self.share(fqdn, lambda ip: self.may_be_down(ip, begin, end)) > FAIL_OPEN_PERCENT

    def must_fail_open(self, fqdn, begin, end):
        return self.share(fqdn, lambda ip: not self.may_be_up(ip, begin, end)) > FAIL_OPEN_PERCENT

    def seen(self, at, server, fqdn, addresses):
        """A server answered so. Returns what is wrong with it."""
        addresses = frozenset(addresses)
        before = self.last.get((server, fqdn))
        self.last[server, fqdn] = addresses
        if addresses == before:
            return []
        if at - self.killed.get(server, -self.window_s) < self.window_s:
            before = None
        found = list(self.judge(at, fqdn, addresses, before))
        found = [Violation(at, kind, server, fqdn, text) for kind, text in found]
        self.violations += found
        self.changes += before is not None
        return found

    def judge(self, at, fqdn, now, before):
        if not now:
            yield "empty answer", "no address at all"
        for ip in sorted(self.foreign[fqdn] - now):
            yield "foreign record lost", ip
        if before is None:
            return
        begin = at - self.window_s
        for ip in sorted((before - now) & self.services[fqdn]):
            if not self.may_be_down(ip, begin, at):
                yield "wrong removal", f"{ip} was up all the time"
            elif self.must_fail_open(fqdn, begin, at):
                yield "wrong removal", f"{ip} went while most were down"
        for ip in sorted((now - before) & self.services[fqdn]):
            if not self.may_be_up(ip, begin, at) and not self.may_fail_open(fqdn, begin, at):
                yield "wrong addition", f"{ip} was down all the time"

    def desired(self, fqdn):
        """What it comes to when nothing changes any more and all nodes see all."""
        down = {ip for ip in self.services[fqdn] if self.bad[ip].is_on()}
        if 100 * len(down) / len(self.services[fqdn]) > FAIL_OPEN_PERCENT:
            down = set()
        return self.services[fqdn] - down | self.foreign[fqdn]

    def not_right(self, servers):
        """(server, fqdn) of what was last seen otherwise."""
        return [
            (server, fqdn) for server in servers for fqdn in self.services
            if self.last.get((server, fqdn)) != self.desired(fqdn)
        ]  # fmt: skip
