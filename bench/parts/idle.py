# SPDX-License-Identifier: ISC
"""A node whose endpoints are all up, 10 a service, published on a real Knot: CPU, memory, and the time
from exec to the first and to the last publication."""

import tempfile
import time

from harness.knot import Knot
from kit import table, zone
from kit.attempt import attempt
from kit.node import running
from kit.target import Endpoints

SIZE = 10


def measure(options, n):
    with tempfile.TemporaryDirectory() as directory, running(Knot(f"{directory}/knot")) as server:
        files, node = zone.daemon(options, f"{directory}/rrdnsd", server, zone.services(n // SIZE, SIZE))
        with running(node):
            last = node.wait(r"\[updater\] .* -> ", n // SIZE, timeout=300)
            first = node.times(r"\[updater\] .* -> ")[0]
            time.sleep(12)  # it compares once more, 8 s after an update
            cpu, since = node.cpu_s(), time.monotonic()
            time.sleep(3 if options.quick else 6)
            core = (node.cpu_s() - cpu) / (time.monotonic() - since)
            return {
                "core %": core * 100,
                "resident MiB": node.memory_mib(),
                "peak MiB": node.memory_mib("VmHWM"),
                "exec to first publication s": first - node.started,
                "to the last s": last - node.started,
            }


def run(options):
    sizes, rounds = ((10, 1000), 1) if options.quick else ((10, 1000, 10000), options.rounds)
    rows = []
    with running(Endpoints(options.programs)):
        for n in sizes:
            row = table.medians([attempt(f"idle {n}", lambda: measure(options, n)) for _ in range(rounds)])
            if row:
                base = rows[0].get("resident MiB") if rows else None
                row["KiB per endpoint"] = (row["resident MiB"] - base) * 1024 / (n - sizes[0]) if base else None
            rows.append({"endpoints": n, **row})
    return {"all up": rows}
