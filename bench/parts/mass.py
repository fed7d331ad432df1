# SPDX-License-Identifier: ISC
"""1,000 services x 2 endpoints on a real Knot; half of the endpoints fail in the same second, and
come back: until DNS is right for all, what was sent, and the CPU above that of a quiet second."""

import tempfile
import time

from harness.capture import Capture
from harness.knot import Knot
from harness.process import wait_for
from kit import table, zone
from kit.attempt import attempt
from kit.firewall import Firewall
from kit.node import running
from kit.target import HALF, PORT, Endpoints, address


def wanted(n, down):
    return {zone.label(i): {address(2 * i)} | (set() if down else {address(2 * i + 1)}) for i in range(n)}


def is_right(server, n, down):
    return wanted(n, down).items() <= zone.contents(server).items()


def quiet_core(node):
    """CPU seconds per second while nothing changes."""
    cpu, since = node.cpu_s(), time.monotonic()
    time.sleep(3)
    return (node.cpu_s() - cpu) / (time.monotonic() - since)


def change(server, node, n, down, quiet, make):
    """make() lets half of the endpoints fail or come back."""
    with Capture("lo", port=server.port) as capture:
        since, cpu = time.monotonic(), node.cpu_s()
        make()
        last_verdict = node.wait(rf"-> {'down' if down else 'up'} \(", n, since)
        wait_for(lambda: is_right(server, n, down), 60, "DNS is right", 0.2)
        time.sleep(0.3)  # it reads back what it wrote
        cpu, ended = node.cpu_s() - cpu, time.monotonic()
        sent = zone.Exchanges(capture, server, since)
        right = sent.answered_at()
        return {
            "first failure to right s": right - since,
            "last verdict to right ms": (right - last_verdict) * 1000,
            "reads": len(sent.asked(update=False)),
            "UPDATEs": len(sent.asked(update=True)),
            "CPU ms": (cpu - quiet * (ended - since)) * 1000,
        }


def measure(options, n, rounds, taken):
    with tempfile.TemporaryDirectory() as directory, running(Endpoints(options.programs)), running(
        Knot(f"{directory}/knot")
    ) as server, running(Firewall(PORT)) as firewall:
        _, node = zone.daemon(options, f"{directory}/rrdnsd", server, zone.services(n))
        with running(node):
            wait_for(lambda: is_right(server, n, False), 60, "all is published", 0.2)
            quiet = quiet_core(node)
            for _ in range(rounds):
                taken["down"].append(change(server, node, n, True, quiet, lambda: firewall.add("refused", HALF)))
                taken["up"].append(change(server, node, n, False, quiet, lambda: firewall.delete("refused", HALF)))


def run(options):
    n, rounds = (100, 1) if options.quick else (1000, options.rounds)
    taken = {"down": [], "up": []}
    attempt("mass", lambda: measure(options, n, rounds, taken))
    return {"half of them": [{"services": n, "endpoints go": how, **table.medians(t)} for how, t in taken.items()]}
