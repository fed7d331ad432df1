# SPDX-License-Identifier: ISC
"""Programs that stand for the rest of the world: they must not be late, and say when
they were. Each takes orders by lines on its standard input and answers each with a
line; to "late" with the times since the last time between which it was late."""

import os
import subprocess
import time

LATE_S = 0.25
BEAT_S = 0.05


class Beats:
    """In the program: beat() is called each BEAT_S, when all is well."""

    def __init__(self):
        self.last = time.monotonic()
        self.spans = []

    def beat(self):
        now = time.monotonic()
        if now - self.last > LATE_S:
            self.spans.append((self.last, now))
        self.last = now

    def take(self):
        self.beat()
        spans, self.spans = self.spans, []
        return " ".join(f"{begin:.3f}-{end:.3f}" for begin, end in spans)


class Helper:
    """Starts such a program, before all others where the kernel lets us."""

    def __init__(self, argv, prefix=(), **popen):
        urgent = ["nice", "-n", "-5"] if os.geteuid() == 0 else []
        self.child = subprocess.Popen([*prefix, *urgent, "/usr/bin/python3", *argv], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, **popen)  # fmt: skip
        assert self.child.stdout.readline() == "ready\n"

    def tell(self, line):
        """It is done when this returns."""
        self.child.stdin.write(f"{line}\n")
        self.child.stdin.flush()
        answer = self.child.stdout.readline()
        assert answer.endswith("\n"), "it ended by itself"
        return answer.strip()

    def late(self):
        return [tuple(map(float, span.split("-"))) for span in self.tell("late").split()]

    def stop(self):
        self.child.stdin.close()
        self.child.stdout.close()
        self.child.wait()
