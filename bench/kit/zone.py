# SPDX-License-Identifier: ISC
"""Services on a real server, what changes there, and how it was changed."""

import dns.name
import dns.query
import dns.tsigkeyring
import dns.zone
from harness.daemon import Rrdnsd, service
from harness.dnsproxy import is_update
from harness.nameserver import ZONE, secret_of

from .node import Lines
from .target import PORT, address

RESPONSE = 0x80


def label(i):
    return f"n{i:04d}"


def services(n, size=2):
    """n0000 and so on; of two endpoints each the second is in target.HALF."""
    return [
        service(f"{label(i)}.{ZONE}", f"http://{{}}:{PORT}/", [address(size * i + k) for k in range(size)], ttl=5)
        for i in range(n)
    ]


def daemon(options, directory, server, several, verbose=False, **more):
    """One node with rrdnsd's defaults: 1 s, 250 ms after a failure, fall 3, rise 2.
    (its files and options, the running process)"""
    usual = dict(probe_interval_ms=1000, probe_timeout_ms=1000, fast_interval_ms=250,
                 update_resolvers=[server.address], update_credentials=server.credentials())  # fmt: skip
    files = Rrdnsd(directory, several, start=False, **dict(usual, **more))
    return files, Lines([options.rrdnsd, *(["-v"] if verbose else []), "-c", files.conf])


def contents(server):
    """{label: addresses} of the whole zone."""
    keys = dns.tsigkeyring.from_text({"rrdnsd-key": secret_of("rrdnsd-key")})
    transfer = dns.query.xfr(server.ip, ZONE, port=server.port, keyring=keys, keyname="rrdnsd-key",
                             keyalgorithm="hmac-sha256", relativize=True)  # fmt: skip
    zone = dns.zone.from_xfr(transfer)
    return {str(name): {r.address for r in rdataset} for name, rdataset in zone.iterate_rdatasets("A")}


class Exchanges:
    """DNS messages between `since` and now, in a capture."""

    def __init__(self, capture, server, since):
        self.messages = [m for m in capture.dns(server.port) if m[0] >= since]

    def asked(self, update):
        """Requests: (time, flow, message)."""
        return [(at, flow, wire) for at, flow, wire in self.messages if not wire[2] & RESPONSE and is_update(wire) == update]

    def answered_at(self):
        """When the last UPDATE was answered: by then the server shows it."""
        return max((at for at, _, wire in self.messages if wire[2] & RESPONSE and is_update(wire)), default=None)
