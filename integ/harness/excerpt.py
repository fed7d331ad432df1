# SPDX-License-Identifier: ISC
"""What a failed test shows of logs: little enough that CI prints all of it."""

import re

LINES = 150  # of all nodes
OTHERS = 12  # of each server: it has worked for many tests
FIRST = 15
WIDTH = 240
# A line for each probe (-v), answers to questions of the test, what is said of every file.
NOISE = re.compile(r": probe: |\[status\] |rrdnsd\.conf:\d+: warning: ")


def excerpt(text, first, last):
    """Its first and its last lines; how many are missing between."""
    lines = [line[:WIDTH] for line in text.splitlines() if not NOISE.search(line)]
    left_out = len(lines) - first - last
    if left_out > 1:
        lines[first : first + left_out] = [f"[{left_out} lines]"]
    return "\n".join(lines)


def excerpts(processes):
    """(title, text) of each: nodes share the room there is."""
    nodes = [p for p in processes if p.name == "rrdnsd"]
    last = max(20, LINES // max(1, len(nodes)) - FIRST)
    for process in sorted(processes, key=lambda p: p.name != "rrdnsd"):
        how = (FIRST, last) if process in nodes else (0, OTHERS)
        state = "runs" if process.alive() else f"has ended with {process.child.returncode}"
        yield f"{process.name}, {process.log}, {state}", excerpt(process.text(), *how)
