# SPDX-License-Identifier: ISC
"""The room that everything runs in: namespaces of its own for processes, network and
mounts. When bench/run ends, however it does, nothing of it is left."""

import os
import resource
import subprocess

SYSCTLS = {
    "net/core/somaxconn": "65535",
    "net/ipv4/tcp_max_syn_backlog": "65535",
    # Above those that servers are given: no connection may be there first.
    "net/ipv4/ip_local_port_range": "32768 65000",
}


# What runs bench/run inside: its end, and that of whoever waits for it, ends all.
COMMAND = ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


def furnish():
    """Called first inside."""
    # Over the system's sockets and pid files, and gone with the namespace.
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    os.environ["TMPDIR"] = "/run"
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for name, value in SYSCTLS.items():
        with open(f"/proc/sys/{name}", "w") as f:
            f.write(value)
    # Other work on the machine waits: all in the room are real-time, in turns, and equals among themselves.
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


def machine():
    """What the figures were made on."""
    with open("/proc/cpuinfo") as f:
        models = [line.split(":", 1)[1].strip() for line in f if line.startswith("model name")]
    with open("/proc/meminfo") as f:
        memory_kib = int(f.readline().split()[1])
    with open("/etc/os-release") as f:
        system = next(line.split("=", 1)[1].strip().strip('"') for line in f if line.startswith("PRETTY_NAME"))
    return f"{len(models)} x {models[0]}, {memory_kib / 1048576:.0f} GiB, {system}, Linux {os.uname().release}"


def connects():
    """connect() calls that sent a SYN, in this room, so far."""
    with open("/proc/net/snmp") as f:
        names, values = (line.split() for line in f if line.startswith("Tcp:"))
    return int(values[names.index("ActiveOpens")])
