# SPDX-License-Identifier: ISC
"""Machines with one network: network namespaces on a bridge, links that are cut
and made bad by nft. Held by processes, so that nothing is left behind."""

import contextlib
import ctypes
import itertools
import os
import subprocess
import threading

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
        """Nothing comes from or goes to these addresses."""
        addresses = ", ".join(other.ip if isinstance(other, Machine) else other for other in others)
        self.heal()
        self.run("nft", "-f", "-", stdin=f"""table ip cut {{
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

    def lose(self, percent):
        """So many of the packets that arrive are lost. (tc's netem would delay
        them, too, but not every kernel has it.)"""
        self.heal()
        self.run("nft", "-f", "-", stdin=f"""table ip bad {{
  chain in {{
    type filter hook input priority 0
    iif eth0 numgen random mod 100 < {percent} drop
  }}
}}
""")

    def close(self):
        self.holder.stdin.close()
        self.holder.wait()


class Network:
    """machine() gives one more machine, 10.77.0.N."""

    def __init__(self):
        self.hub = Machine()
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
        self.hub.run("ip", "link", "set", f"p{n}", "master", "br0", "up")
        for address in (made.ip, *more):
            made.run("ip", "address", "add", f"{address}/16", "dev", "eth0")
        made.run("ip", "link", "set", "eth0", "up")
        self.machines.append(made)
        return made

    def close(self):
        for machine in reversed(self.machines):
            machine.close()
