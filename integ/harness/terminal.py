# SPDX-License-Identifier: ISC
"""A program on a terminal of its own (pty), and what it writes there."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time


class Terminal:
    def __init__(self, argv, env, rows=24, columns=80):
        self.master, slave = pty.openpty()
        self.slave = slave
        self.resize(rows, columns)
        self.before = termios.tcgetattr(slave)
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            for fd in range(3):
                os.dup2(slave, fd)
            os.execve(argv[0], argv, env)
        self.text = ""
        self.status = None

    def resize(self, rows, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if hasattr(self, "pid"):
            os.kill(self.pid, signal.SIGWINCH)

    def read(self, seconds=0.05):
        while select.select([self.master], [], [], seconds)[0]:
            self.text += os.read(self.master, 65536).decode(errors="replace")
            seconds = 0
        return self.text

    def wait_until(self, condition, what, timeout=15):
        """condition() is asked after all that it wrote was read."""
        deadline = time.monotonic() + timeout
        self.read()
        while not condition():
            assert time.monotonic() < deadline, f"{what}: not in {self.text!r}"
            self.read()

    def wait_text(self, wanted, timeout=15):
        self.wait_until(lambda: wanted in self.text, repr(wanted), timeout)

    def wait_stopped(self):
        """As a shell waits: SIGCONT is lost on who has not stopped yet."""

        def stopped():
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            return pid and os.WIFSTOPPED(status)

        self.wait_until(stopped, "a stop")

    def type(self, text):
        os.write(self.master, text.encode())

    def wait(self, timeout=10):
        """The exit status as of waitpid(2), once it has ended."""
        deadline = time.monotonic() + timeout
        while self.status is None:
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
            assert time.monotonic() < deadline, f"it goes on: {self.text[-500:]!r}"
        self.read()
        return self.status

    def attributes(self):
        return termios.tcgetattr(self.slave)

    def close(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)
        os.close(self.slave)
