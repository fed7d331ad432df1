# SPDX-License-Identifier: ISC
"""How rrdnsd and each peer are told to make the same checks."""

import dataclasses

SERVICE_SIZE = 100


@dataclasses.dataclass
class Job:
    """What is to be checked, each second, with one second to answer."""

    scheme: str  # http, https, tcp
    addresses: list
    port: int
    host: str  # Host header, SNI and the name that the certificate must bear
    ca: str  # file; None: no TLS
    programs: str  # the directory of what was built for bench/run
    rrdnsd: str
    reuse: bool = False  # keep connections: rrdnsd alone can

    def groups(self):
        """Several endpoints make one service, as they do in life."""
        return [self.addresses[i : i + SERVICE_SIZE] for i in range(0, len(self.addresses), SERVICE_SIZE)]


class Checker:
    """One program that checks. prepare() writes its files into a directory that is empty;
    argv() is the command, which stays in the foreground."""

    name = None
    schemes = ()
    interval_s = 1

    def __init__(self, job, directory):
        self.job = job
        self.directory = directory
        self.prepare()

    def prepare(self):
        pass

    def write(self, name, text):
        path = f"{self.directory}/{name}"
        with open(path, "w") as f:
            f.write(text)
        return path

    def argv(self):
        raise NotImplementedError

    def environment(self):
        return {}

    def started(self):
        """Called once it runs."""

    def details(self):
        """What it alone can tell, at the end of a measurement."""
        return {}
