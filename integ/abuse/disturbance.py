# SPDX-License-Identifier: ISC
"""How much rrdnsd suffers."""

import re
import subprocess

from harness.api import Api
from harness.prometheus import Metrics

LAG_S = 0.05
URGENT = ["chrt", "-f", "1"]  # before all others, where the kernel lets us
if subprocess.run([*URGENT, "true"], stderr=subprocess.DEVNULL).returncode:
    URGENT = []


def memory_kb(daemon, what):
    with open(f"/proc/{daemon.process.pid}/status") as f:
        return int(re.search(rf"{what}:\s+(\d+)", f.read())[1])


def metrics(daemon):
    """By the socket: there is always room."""
    return Metrics(text=Api(daemon, local=True).request("GET", "/metrics").body.decode())


def changes(daemon):
    """The lines that tell of one."""
    return re.findall(
        r"^.*(?:-> (?:down|undecided)|\[updater\] .* -> |stood still|is lost|quorum: lost).*$", daemon.log(), re.M
    )  # fmt: skip


class Disturbed(AssertionError):
    pass


class Watch:
    """What rrdnsd suffers from when it was made."""

    def __init__(self, daemon, idle):
        self.daemon = daemon
        self.idle = idle
        with open(f"/proc/{daemon.process.pid}/clear_refs", "w") as f:
            f.write("5")  # VmHWM begins anew
        self.memory_kb = memory_kb(daemon, "VmRSS")
        self.changes = changes(daemon)
        idle.tell("p99")

    def judge(self, grows_mb, quiet):
        machine_s = float(self.idle.tell("p99"))
        lag_s = metrics(self.daemon).value("rrdnsd_loop_lag_p99_seconds")
        peak_kb = memory_kb(self.daemon, "VmHWM")
        text = (f"loop lag p99 {lag_s * 1000:.1f} ms (the machine's: {machine_s * 1000:.1f}), "
                f"VmHWM +{peak_kb - self.memory_kb} kB to {peak_kb} kB")  # fmt: skip
        print(text)
        assert peak_kb - self.memory_kb < grows_mb * 1024, text
        if lag_s >= LAG_S + 4 * machine_s:
            raise Disturbed(text)
        if quiet and changes(self.daemon) != self.changes:
            raise Disturbed("\n".join(changes(self.daemon)[len(self.changes) :]))
