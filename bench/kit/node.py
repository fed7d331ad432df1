# SPDX-License-Identifier: ISC
"""A program whose lines are kept with the time at which they came."""

import contextlib
import re
import subprocess
import threading
import time

from harness.process import wait_for

from . import usage


def end(child, patience_s=10):
    """Some have thousands of threads to end first."""
    child.terminate()
    try:
        child.wait(patience_s)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


class Lines:
    """argv runs until stop(); what it writes is read as it comes."""

    def __init__(self, argv, **options):
        self.lines = []
        self.started = time.monotonic()
        self.child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.child.stdout:
            self.lines.append((time.monotonic(), line))

    def times(self, pattern, since=0):
        return [at for at, line in list(self.lines) if at >= since and re.search(pattern, line)]

    def wait(self, pattern, times=1, since=0, timeout=60):
        """When the last of that many such lines came."""
        wait_for(lambda: len(self.times(pattern, since)) >= times, timeout, pattern, 0.1)
        return self.times(pattern, since)[times - 1]

    def cpu_s(self):
        return usage.cpu_s(self.child.pid)

    def memory_mib(self, what="VmRSS"):
        return usage.memory_mib(self.child.pid, what)

    def stop(self):
        end(self.child)


@contextlib.contextmanager
def running(made):
    """Stops it, whatever comes."""
    try:
        yield made
    finally:
        made.stop()
