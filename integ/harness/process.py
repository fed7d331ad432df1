# SPDX-License-Identifier: ISC
"""Child processes with their output kept, and waiting for conditions."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import time


patience = 1  # times as long as what is said; conftest.py sets it


def wait_for(condition, timeout=10.0, what="condition", step=0.02):
    """Polls until condition() is true; returns its value."""
    timeout *= patience
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {timeout} s")
        time.sleep(step)


def free_port(ip="127.0.0.1"):
    """A port that neither TCP nor UDP uses on this address, below those that
    the kernel gives to clients: nobody takes it before it is listened on."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    while True:
        port = random.randrange(10240, 32000)
        with socket.socket(family, socket.SOCK_STREAM) as tcp, socket.socket(
            family, socket.SOCK_DGRAM
        ) as udp:
            with contextlib.suppress(OSError):
                tcp.bind((ip, port))
                udp.bind((ip, port))
                return port


def run_group(argv, log, timeout):
    """(status, output) of a program that starts others: all of them end when the time
    is over, and none keeps us waiting for the end of a pipe."""
    with open(log, "w+", errors="replace") as file:
        child = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        file.seek(0)
        return child.returncode, file.read()


class Process:
    """A child whose stdout and stderr go to a file."""

    everyone = []

    def __init__(self, name, argv, log, env=None, cwd=None):
        self.name = name
        self.log = log
        self.file = open(log, "ab")
        self.child = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=self.file,
            stderr=subprocess.STDOUT,
            env=dict(os.environ, **(env or {})),
            cwd=cwd,
        )
        Process.everyone.append(self)

    @property
    def pid(self):
        return self.child.pid

    def text(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def alive(self):
        return self.child.poll() is None

    def send(self, signo):
        self.child.send_signal(signo)

    def wait(self, timeout=10):
        return self.child.wait(timeout)

    def stop(self, signo=signal.SIGTERM, timeout=10):
        if self.alive():
            self.child.send_signal(signo)
            try:
                self.child.wait(timeout)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait(timeout)
        self.file.close()
        if self in Process.everyone:
            Process.everyone.remove(self)
        return self.child.returncode
