# SPDX-License-Identifier: ISC
"""Who runs on which core: the checker has one to itself, what it checks another."""

import os

CORES = sorted(os.sched_getaffinity(0))


def on_checker_core(argv):
    return ["taskset", "-c", str(CORES[0]), *argv]


def on_target_core(argv):
    return ["taskset", "-c", str(CORES[-1]), *argv]
