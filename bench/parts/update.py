# SPDX-License-Identifier: ISC
"""Names that change at once, on Knot and BIND: rrdnsd beside nsupdate and knsupdate, spawned for each
change, as a script would do it, and fed with all of them in one go.

rrdnsd reads each record, compares and swaps, and reads it back. Its changes are held by `freeze` until all
verdicts are there, so that they come at once. CPU is that of the client, above what a quiet daemon takes."""

import subprocess
import tempfile
import time

from harness.api import Api
from harness.bind import Bind
from harness.capture import Capture
from harness.knot import Knot
from harness.nameserver import ZONE, secret_of
from kit import table, usage, zone
from kit.attempt import attempt
from kit.firewall import Firewall
from kit.node import running
from kit.target import HALF, PORT, Endpoints, address
from parts.mass import is_right, quiet_core, wait_for

IN_ONE_MESSAGE = 250  # fed in one go: as many as rrdnsd puts into one
OWN_CLIENT_CHANGES = 2000
KEY = f"hmac-sha256:rrdnsd-key:{secret_of('rrdnsd-key')}"


def frozen_change(server, node, api, n, down, quiet, make):
    api.post("/api/v1/freeze", {"on": True})
    since = time.monotonic()
    make()
    node.wait(rf"-> {'down' if down else 'up'} \(", n, since)
    time.sleep(0.5)
    with Capture("lo", port=server.port) as capture:
        since, cpu = time.monotonic(), node.cpu_s()
        api.post("/api/v1/freeze", {"on": False})
        wait_for(lambda: is_right(server, n, down), 60, "DNS is right", 0.1)
        time.sleep(0.3)  # it reads back what it wrote
        cpu, took = node.cpu_s() - cpu, time.monotonic() - since
        sent = zone.Exchanges(capture, server, since)
    return {
        "ms": (sent.answered_at() - since) * 1000,
        "CPU us per change": max(cpu - quiet * took, 0) * 1e6 / n,
        "UPDATEs": len(sent.asked(update=True)),
    }


def rrdnsd(options, directory, server, n, rounds):
    taken = []
    files, node = zone.daemon(options, directory, server, zone.services(n))
    api = Api(files, local=True)
    with running(node), running(Firewall(PORT)) as firewall:
        wait_for(lambda: is_right(server, n, False), 60, "all is published", 0.1)
        quiet = quiet_core(node)
        for _ in range(rounds):
            taken.append(frozen_change(server, node, api, n, True, quiet, lambda: firewall.add("refused", HALF)))
            taken.append(frozen_change(server, node, api, n, False, quiet, lambda: firewall.delete("refused", HALF)))
    return taken


def script(server, names, down):
    """The same changes in nsupdate's words: compare and swap, as rrdnsd does."""
    lines = [f"server {server.ip} {server.port}", f"zone {ZONE}"]
    for k, i in enumerate(names):
        owner, both = f"{zone.label(i)}.{ZONE}", [address(2 * i), address(2 * i + 1)]
        was, now = (both, both[:1]) if down else (both[:1], both)
        lines += [f"prereq yxrrset {owner} A {ip}" for ip in was] + [f"update delete {owner} A"]
        lines += [f"update add {owner} 5 A {ip}" for ip in now]
        if k % IN_ONE_MESSAGE == IN_ONE_MESSAGE - 1 or k == len(names) - 1:
            lines.append("send")
    return "\n".join(lines) + "\n"


def feed(program, text):
    subprocess.run([program, "-v", "-y", KEY], input=text, text=True, check=True, stdout=subprocess.DEVNULL)


def tool(server, program, n, spawned, down):
    put(server, n, not down)
    scripts = [script(server, [i], down) for i in range(n)] if spawned else [script(server, range(n), down)]
    since = time.monotonic()
    cpu = usage.cpu_of_children_s(lambda: [feed(program, text) for text in scripts])
    took = time.monotonic() - since
    assert is_right(server, n, down)
    return {"ms": took * 1000, "CPU us per change": cpu * 1e6 / n,
            "UPDATEs": n if spawned else -(-n // IN_ONE_MESSAGE)}  # fmt: skip


def own_client(options, server):
    """rrdnsd's client alone, a message a change."""
    name = f"own.{ZONE}"
    server.set(name, ["192.0.2.1"])
    argv = [f"{options.programs}/update_client", server.address, server.credentials(), ZONE, name]
    since = time.monotonic()
    cpu = usage.cpu_of_children_s(lambda: subprocess.run([*argv, str(OWN_CLIENT_CHANGES)], check=True))
    took = time.monotonic() - since
    return {"ms": took * 1000 / OWN_CLIENT_CHANGES, "CPU us per change": cpu * 1e6 / OWN_CLIENT_CHANGES, "UPDATEs": 1}


def compare(options, server, directory, n, rounds):
    taken = {"rrdnsd": attempt("rrdnsd", lambda: rrdnsd(options, directory, server, n, rounds)) or []}
    if n == 1:
        taken["rrdnsd's client"] = [attempt("update_client", lambda: own_client(options, server)) for _ in range(rounds)]
    for _ in range(rounds):
        for down in (True, False):
            for program in ("nsupdate", "knsupdate"):
                for how in ("spawned", "in one go") if n > 1 else ("spawned",):
                    client = f"{program}, {how}"
                    made = attempt(client, lambda: tool(server, program, n, how == "spawned", down))
                    taken.setdefault(client, []).append(made)
    return taken


def put(server, n, down):
    """As it was before."""
    if not is_right(server, n, down):
        feed("nsupdate", script(server, range(n), down))


def rows(what, figures):
    ours = figures["rrdnsd"].get("CPU us per change")
    for client, figure in figures.items():
        row = {**what, "client": client, **figure}
        if figure:
            row["CPU: it / rrdnsd"] = figure["CPU us per change"] / ours if ours else None
        yield row


def run(options):
    sizes = (1, 100) if options.quick else (1, 100, 1000)
    found = []
    with running(Endpoints(options.programs)):
        for kind in (Knot, Bind):
            for n in sizes:
                with tempfile.TemporaryDirectory() as directory, running(kind(f"{directory}/server")) as server:
                    taken = compare(options, server, f"{directory}/rrdnsd", n, options.rounds if n == 1 and not options.quick else 1)
                figures = {how: table.medians(t) for how, t in taken.items()}
                found += rows({"server": kind.kind, "names": n}, figures)
    return {"at once": found}
