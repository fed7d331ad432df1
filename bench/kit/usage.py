# SPDX-License-Identifier: ISC
"""What a process and its children used."""

import contextlib
import os
import re
import resource
import time

TICKS = os.sysconf("SC_CLK_TCK")
CPUCLOCK_SCHED = 2


def tree(pid):
    """It, its children, their children."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{parent}/task"):
                with open(f"/proc/{parent}/task/{task}/children") as f:
                    found += map(int, f.read().split())
    return found


def reaped_s(pid):
    """Of children that ended and were waited for."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[13]) + int(fields[14])) / TICKS


def cpu_s(pid):
    """User and system time of all its threads, ended ones too, and of its children."""
    total = 0
    for each in tree(pid):
        with contextlib.suppress(OSError):  # it ended just now: its parent has it
            total += time.clock_gettime(~each << 3 | CPUCLOCK_SCHED) + reaped_s(each)
    return total


def memory_mib(pid, what="VmHWM"):
    """VmHWM: the peak; VmRSS: now."""
    total = 0
    for each in tree(pid):
        with contextlib.suppress(OSError), open(f"/proc/{each}/status") as f:
            found = re.search(rf"{what}:\s+(\d+)", f.read())
            total += int(found[1]) / 1024 if found else 0
    return total


def cpu_of_children_s(run):
    """User and system time of the children that run() waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
