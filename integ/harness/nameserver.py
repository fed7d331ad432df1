# SPDX-License-Identifier: ISC
"""What Knot, BIND and PowerDNS have in common for the tests."""

import base64
import contextlib
import glob
import os
import threading
import time

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsigkeyring
import dns.update

from .process import Process, free_port, wait_for

ALGORITHMS = ("hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256",
              "hmac-sha384", "hmac-sha512")
ZONE = "rrdnsd.test"
FAKETIME = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")[0]
LIMITED_NAME = f"limited.{ZONE}"


def secret_of(name):
    """The same in every run: a secret of a test is none."""
    return base64.b64encode((name * 8)[:32].encode()).decode()


class NameServer:
    """One real server on its own port. Keys: rrdnsd-key may change the whole
    zone, limited-key only limited.rrdnsd.test, key-ALG like rrdnsd-key."""

    kind = None
    zones = (ZONE, "other.test")

    def __init__(self, directory, ip="127.0.0.1", clock=None, port=None, machine=None,
                 signed=False):
        self.directory = str(directory)
        os.makedirs(self.directory, exist_ok=True)
        os.chmod(self.directory, 0o755)
        self.ip = ip
        self.port = port or free_port(ip)
        self.machine = machine  # where it runs, see netns.py; None: here
        self.clock = clock  # seconds that the server's clock is ahead
        self.signed = signed  # zones are signed by the server (Knot, BIND)
        self.process = None
        self.keys = {"rrdnsd-key": "hmac-sha256", "limited-key": "hmac-sha256"}
        self.keys.update((f"key-{alg}", alg) for alg in ALGORITHMS)
        self.prepare()
        self.start()

    # What differs: prepare() writes files, argv() is the command.
    def prepare(self):
        raise NotImplementedError

    def argv(self):
        raise NotImplementedError

    @property
    def address(self):
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"

    def credentials(self, key="rrdnsd-key", secret=None, algorithm=None):
        return f"{algorithm or self.keys[key]}:{key}:{secret or secret_of(key)}"

    def zone_text(self, zone):
        return (
            f"$ORIGIN {zone}.\n$TTL 60\n"
            "@ SOA ns hostmaster 1 3600 600 86400 60\n"
            "@ NS ns\nns A 127.0.0.1\n"
        )

    def start(self):
        env = {}
        if self.clock:
            # libc comes right behind libfaketime: named's jemalloc would ask
            # for the time before libfaketime is ready.
            env["LD_PRELOAD"] = f"{FAKETIME}:libc.so.6"
            env["FAKETIME"] = f"{self.clock:+d}s"
        log = os.path.join(self.directory, "log")
        prefix = self.machine.prefix if self.machine else []
        self.process = Process(self.kind, prefix + self.argv(), log, env, self.directory)
        wait_for(self.answers, 60, f"{self.kind} answers")

    def answers(self):
        assert self.process.alive(), self.process.text()
        try:
            return self.ask(dns.message.make_query(ZONE, "SOA"), 1).rcode() == 0
        except (OSError, dns.exception.DNSException):
            return False

    def stop(self):
        if self.process:
            self.process.stop()
        self.process = None

    def restart(self):
        self.stop()
        self.start()

    def ask(self, message, timeout=5):
        with self.machine.entered() if self.machine else contextlib.nullcontext():
            return dns.query.tcp(message, self.ip, timeout, self.port)

    def rrset(self, name, rdtype="A"):
        """(addresses, ttl) by TCP; ttl None when there is none."""
        query = dns.message.make_query(name, rdtype)
        query.flags &= ~dns.flags.RD
        answer = self.ask(query)
        assert answer.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN), answer
        for rrset in answer.answer:
            if rrset.rdtype == dns.rdatatype.from_text(rdtype):
                return {rdata.address for rdata in rrset}, rrset.ttl
        return set(), None

    def addresses(self, name, rdtype="A"):
        return self.rrset(name, rdtype)[0]

    def serial(self, zone=ZONE):
        query = dns.message.make_query(zone, "SOA")
        return self.ask(query).answer[0][0].serial

    def edit(self, change, zone=ZONE):
        """change(update) fills a dns.update.Update, which is sent signed."""
        algorithm = self.keys["rrdnsd-key"]
        ring = dns.tsigkeyring.from_text({"rrdnsd-key": secret_of("rrdnsd-key")})
        update = dns.update.Update(zone, keyring=ring, keyalgorithm=algorithm)
        change(update)
        if self.clock:
            raise AssertionError("edit a server with the right clock")
        answer = self.ask(update, 10)
        assert answer.rcode() == 0, dns.rcode.to_text(answer.rcode())

    def set(self, name, addresses, ttl=60, rdtype="A"):
        owner = dns.name.from_text(name)

        def change(update):
            update.delete(owner, rdtype)
            for address in addresses:
                update.add(owner, ttl, rdtype, address)

        self.edit(change)

    def wait_addresses(self, name, wanted, rdtype="A", timeout=10):
        wanted = set(wanted)
        try:
            wait_for(lambda: self.addresses(name, rdtype) == wanted, timeout)
        except AssertionError:
            now = self.addresses(name, rdtype)
            raise AssertionError(f"{name} {rdtype}: {now} instead of {wanted}") from None


@contextlib.contextmanager
def observer(server, name, rdtype="A", step=0.01):
    """Asks all the time; yields the list of sets of addresses as they change."""
    seen = []
    over = threading.Event()

    def look():
        with contextlib.suppress(OSError, dns.exception.DNSException):
            now = server.addresses(name, rdtype)
            if not seen or seen[-1] != now:
                seen.append(now)

    def watch():
        while not over.is_set():
            look()
            time.sleep(step)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        look()
