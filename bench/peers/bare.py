# SPDX-License-Identifier: ISC
import shlex

from . import Checker


class Bare(Checker):
    """bench/bare_loop.c: the lower bound."""

    name = "bare loop"
    schemes = ("http", "tcp")

    def prepare(self):
        self.addresses = self.write("addresses", "\n".join(self.job.addresses) + "\n")

    def argv(self):
        program = f"{self.job.programs}/bare_loop"
        return ["sh", "-c", f"exec {program} {self.job.scheme} {self.job.port} 1000 1000 <{shlex.quote(self.addresses)}"]
