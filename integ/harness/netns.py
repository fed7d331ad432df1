# SPDX-License-Identifier: ISC
"""Machines with one network: network namespaces on a bridge, links that are cut by
nft and made bad by wire.py. Held by processes, so that nothing is left behind."""

import contextlib
import ctypes
import itertools
import os
import subprocess
import threading

from .wire import Wire, whole_packets

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def run(*argv, stdin=None):
    done = subprocess.run(argv, input=stdin, text=True, capture_output=True)
    assert done.returncode == 0, f"{' '.join(argv)}: {done.stderr}"


class Machine:
    """One network namespace."""

    def __init__(self):
        # cat ends with us, because its standard input does.
        self.holder = subprocess.Popen(
            ["unshare", "-n", "sh", "-c", "ip link set lo up && echo up && exec cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.holder.stdout.readline() == b"up\n"
        self.prefix = ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net"]
        self.ip = None

    def run(self, *argv, stdin=None):
        run(*self.prefix, *argv, stdin=stdin)

    @contextlib.contextmanager
    def entered(self):
        """Sockets made by this thread meanwhile belong to this machine."""
        ours = os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY)
        theirs = os.open(f"/proc/{self.holder.pid}/ns/net", os.O_RDONLY)
        try:
            assert libc.setns(theirs, CLONE_NEWNET) == 0
            yield
        finally:
            assert libc.setns(ours, CLONE_NEWNET) == 0
            os.close(ours)
            os.close(theirs)

    def cut(self, *others):
        """Nothing comes from or goes to these addresses; what was cut before is
        healed in the same moment, so that nothing slips through between."""
        addresses = ", ".join(other.ip if isinstance(other, Machine) else other for other in others)
        self.run("nft", "-f", "-", stdin=f"""flush ruleset
table ip cut {{
  chain in {{
    type filter hook input priority 0
    ip saddr {{ {addresses} }} drop
  }}
  chain out {{
    type filter hook output priority 0
    ip daddr {{ {addresses} }} drop
  }}
}}
""")

    def heal(self):
        self.run("nft", "flush", "ruleset")

    def close(self):
        self.holder.stdin.close()
        self.holder.wait()


class Network:
    """machine() gives one more machine, 10.77.0.N. With wire=True links can be
    made bad: see wire.py."""

    def __init__(self, wire=False):
        self.hub = Machine()
        self.wire = Wire() if wire else None
        if not wire:
            self.hub.run("ip", "link", "add", "br0", "type", "bridge")
            self.hub.run("ip", "link", "set", "br0", "up")
        self.numbers = itertools.count(1)
        self.machines = [self.hub]

    def machine(self, *more):
        """more: further addresses that it has."""
        made = Machine()
        n = next(self.numbers)
        made.ip = f"10.77.0.{n}"
        self.hub.run("ip", "link", "add", f"p{n}", "type", "veth", "peer", "name", "eth0",
                     "netns", str(made.holder.pid))
        for address in (made.ip, *more):
            made.run("ip", "address", "add", f"{address}/16", "dev", "eth0")
        self.connect(made, f"p{n}")
        made.run("ip", "link", "set", "eth0", "up")
        self.machines.append(made)
        return made

    def connect(self, machine, port):
        if not self.wire:
            self.hub.run("ip", "link", "set", port, "master", "br0", "up")
            return
        with machine.entered():
            whole_packets("eth0")
        self.hub.run("ip", "link", "set", port, "up")
        with self.hub.entered():
            self.wire.attach(port, machine.ip)

    def close(self):
        if self.wire:
            self.wire.stop()
        for machine in reversed(self.machines):
            machine.close()
