# SPDX-License-Identifier: ISC
"""rrdnsd under test."""

import os
import re
import signal
import subprocess

from .process import Process, free_port, wait_for


def binary():
    path = os.environ.get("RRDNSD")
    assert path, "RRDNSD must name the rrdnsd to be tested"
    return os.path.abspath(path)


def is_instrumented():
    """Built with sanitizers, or a script that runs valgrind (integ/memory)."""
    with open(binary(), "rb") as f:
        data = f.read()
    return b"__asan_init" in data or (data.startswith(b"#!") and b"valgrind" in data)


def text(value):
    """A Python value in libconfig's words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, dict):
        return "{ " + " ".join(f"{k} = {text(v)};" for k, v in value.items()) + " }"
    return "( " + ", ".join(text(v) for v in value) + " )"


def service(fqdn, healthcheck, ipaddrs, **options):
    zone = options.pop("zone", None) or fqdn.split(".", 1)[1]
    return dict(
        fqdn=fqdn, zone=zone, healthcheck=healthcheck, ipaddrs=list(ipaddrs), **options
    )


class Rrdnsd:
    """Times are short, so that tests are: 200 ms, fall 3 at 50 ms."""

    defaults = {
        "conf_version": 1,
        "probe_interval_ms": 200,
        "probe_timeout_ms": 500,
        "fast_interval_ms": 50,
        "rise": 2,
        "fall": 3,
    }

    def __init__(self, directory, services, argv=(), start=True, env=None, prefix=(), **options):
        self.directory = str(directory)
        os.makedirs(self.directory, exist_ok=True)
        node = f"127.0.0.1:{free_port()}"
        self.options = dict(
            self.defaults,
            local_node=node,
            nodes=[node],
            state_dir=self.directory,
            api_socket=f"{self.directory}/rrdnsd.sock",
        )
        self.options.update(options)
        self.services = services
        self.argv = list(argv)
        self.env = env
        self.prefix = list(prefix)
        self.process = None
        self.runs = 0
        self.conf = f"{self.directory}/rrdnsd.conf"
        self.write()
        if start:
            self.start()

    def write(self):
        lines = [f"{k} = {text(v)};" for k, v in self.options.items()]
        lines.append(f"services = {text(self.services)};")
        with open(self.conf, "w") as f:
            f.write("\n".join(lines) + "\n")

    def start(self):
        self.runs += 1
        self.process = Process(
            "rrdnsd",
            [*self.prefix, binary(), "-v", "-c", self.conf, *self.argv],
            f"{self.directory}/rrdnsd.{self.runs}.log",
            env=self.env,
        )

    def log(self):
        return self.process.text()

    def count(self, pattern):
        return len(re.findall(pattern, self.log(), re.M))

    def wait_log(self, pattern, timeout=10, times=1):
        def seen():
            assert self.process.alive(), f"rrdnsd ended:\n{self.log()}"
            return self.count(pattern) >= times

        wait_for(seen, timeout, f"'{pattern}' in the log")

    def wait_ready(self):
        self.wait_log(r"\[agent\] ready")

    def reload(self, wait=r"rrdnsd\.conf: reloaded"):
        before = self.count(wait)
        self.process.send(signal.SIGHUP)
        self.wait_log(wait, times=before + 1)

    def kill(self):
        self.process.stop(signal.SIGKILL)

    def stop(self):
        return self.process.stop() if self.process else None


def end(daemons):
    """All of them, whatever one of them says."""
    ends = [daemon.stop() for daemon in daemons]
    for daemon, status in zip(daemons, ends):
        text = daemon.log() if daemon.process else ""
        assert "Sanitizer" not in text, text
        assert status in (None, 0, -9), f"rrdnsd ended with {status}:\n{text}"


def run(*argv, env=None, timeout=10):
    """rrdnsd in the foreground: (status, stdout, stderr)."""
    done = subprocess.run(
        [binary(), *argv],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=dict(os.environ, **(env or {})),
    )
    return done.returncode, done.stdout, done.stderr
