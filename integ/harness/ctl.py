# SPDX-License-Identifier: ISC
"""rrdnsctl under test; it stands beside the rrdnsd that is tested."""

import os
import subprocess

from .daemon import binary


def ctl_binary():
    return os.path.join(os.path.dirname(binary()), "rrdnsctl")


def environment(**env):
    clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "SUDO_USER")}
    return dict(clean, LC_ALL="C.UTF-8", TERM="xterm", **env)


class Ctl:
    def __init__(self, daemon):
        self.socket = daemon.options["api_socket"]

    def argv(self, *argv):
        return [ctl_binary(), "-s", self.socket, *argv]

    def run(self, *argv, stdin=None, **env):
        """(status, stdout, stderr)"""
        done = subprocess.run(
            self.argv(*argv), input=stdin, text=True, capture_output=True, timeout=60,
            env=environment(**env),
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    def ok(self, *argv, **options):
        status, out, err = self.run(*argv, **options)
        assert status == 0 and not err, f"{argv}: {status}\n{out}{err}"
        return out
