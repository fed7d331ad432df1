# SPDX-License-Identifier: ISC
"""Three nodes, Knot and BIND, and endpoints: each on a machine of its own."""

import os
import re
import signal
import subprocess

import dns.name
from harness.bind import Bind
from harness.ca import CertificateAuthority
from harness.cluster import SECRET
from harness.daemon import Rrdnsd, binary, service
from harness.knot import Knot
from harness.nameserver import FAKETIME, ZONE
from harness.netns import Network
from harness.process import Process, wait_for
from harness.punctual import Helper

SERVICES = 20
TLS_SERVICES = 2  # the last ones
PORT, TLS_PORT = 8080, 8443
TTL = 5
STATE_KB = 256
RULES = f"""table ip endpoints {{
  set refused {{ type ipv4_addr; }}
  set dropped {{ type ipv4_addr; }}
  chain in {{
    type filter hook input priority 0
    ip daddr @dropped drop
    ip daddr @refused tcp dport {{ {PORT}, {TLS_PORT} }} reject with tcp reset
  }}
}}
"""
OPTIONS = dict(
    heartbeat_ms=1000, takeover_ms=1500, nodes_secret=SECRET, probe_interval_ms=1000,
    probe_timeout_ms=900, fast_interval_ms=250, update_timeout_ms=2000,
    reconcile_interval_ms=10000,
)  # fmt: skip


class SavingKnot(Knot):
    """It keeps what it was told when it is killed."""

    def prepare(self):
        super().prepare()
        path = f"{self.directory}/knot.conf"
        with open(path) as f:
            text = f.read()
        text = re.sub(r" +(zonefile-sync|zonefile-load|journal-content): .*\n", "", text)
        with open(path, "w") as f:
            f.write(text)


class Node(Rrdnsd):
    """Its state is on a small disk of its own, its clock may be set."""

    def __init__(self, directory, services, machine, own_clock, **options):
        self.machine = machine
        self.disk = f"{directory}/state"
        self.clock = f"{directory}/clock"
        os.makedirs(self.disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={STATE_KB}k", "tmpfs", self.disk], check=True)
        self.set_clock(0)
        env = {
            "LD_PRELOAD": FAKETIME, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1",
            "FAKETIME_TIMESTAMP_FILE": self.clock, "ASAN_OPTIONS": "verify_asan_link_order=0",
        } if own_clock else {}  # fmt: skip
        super().__init__(directory, services, prefix=machine.prefix, env=env, state_dir=self.disk, **options)

    def start(self):
        """Returns when it has read its file, which may be written then, and is no longer
        ended by SIGHUP, as a program is that the kernel still loads."""
        self.runs += 1
        argv = [*self.prefix, binary(), "-c", self.conf]
        self.process = Process("rrdnsd", argv, f"{self.directory}/rrdnsd.{self.runs}.log", env=self.env)
        wait_for(lambda: "[main] rrdnsd" in self.log() or not self.process.alive(), 60, "a node reads its file")

    def set_clock(self, offset_s):
        with open(f"{self.clock}.new", "w") as f:
            f.write(f"{offset_s:+d}s\n")
        os.rename(f"{self.clock}.new", self.clock)

    def fill_disk(self):
        with open(f"{self.disk}/full", "wb", buffering=0) as f:
            try:
                while True:
                    f.write(b"x" * 4096)
            except OSError:
                return

    def clear_disk(self):
        os.unlink(f"{self.disk}/full")

    def logs(self):
        texts = []
        for run in range(1, self.runs + 1):
            with open(f"{self.directory}/rrdnsd.{run}.log", errors="replace") as f:
                texts.append(f.read())
        return "".join(texts)


class World:
    def __init__(self, directory, stack):
        self.directory = directory
        self.in_kernel = set()  # (endpoint, mode) that its machine brings about, by nft
        self.network = Network(wire=True)
        stack.callback(self.network.close)
        self.addresses = {
            f"s{i}.{ZONE}": [f"10.77.{10 + i}.{1 + e}" for e in range(3 + i % 3)] for i in range(SERVICES)
        }
        self.tls_names = list(self.addresses)[-TLS_SERVICES:]
        self.tls = [ip for name in self.tls_names for ip in self.addresses[name]]
        self.foreign = {name: ["192.0.2.1"] for i, name in enumerate(self.addresses) if i % 2}
        self.endpoints = [ip for ips in self.addresses.values() for ip in ips]
        self.make_machines()
        self.network.wire.start()
        self.make_servers(stack)
        self.make_targets(stack)
        self.make_nodes(stack)

    def make_machines(self):
        self.machines = {name: self.network.machine() for name in ("knot", "bind", "node0", "node1", "node2")}
        self.machines["web"] = self.network.machine(*self.endpoints)
        self.machines["web"].run("nft", "-f", "-", stdin=RULES)

    def make_servers(self, stack):
        self.servers = {}
        for name, kind in (("knot", SavingKnot), ("bind", Bind)):
            machine = self.machines[name]
            server = kind(f"{self.directory}/{name}", ip=machine.ip, port=53, machine=machine)
            self.servers[name] = server
            stack.callback(server.stop)
            server.edit(self.fill)

    def fill(self, update):
        for fqdn, ips in self.addresses.items():
            owner = dns.name.from_text(fqdn)
            for ip in [*ips, *self.foreign.get(fqdn, [])]:
                update.add(owner, TTL, "A", ip)
            update.add(owner, TTL, "TXT", '"not ours"')

    def make_targets(self, stack):
        # A day old: a node whose clock is stepped back must not find them too young.
        ca = CertificateAuthority(f"{self.directory}/ca", clock="-1d")
        wrong = CertificateAuthority(f"{self.directory}/wrong", "somebody else's CA")
        self.ca = ca.cert
        files = [*ca.issue("tls.test", clock="-1d"), *wrong.issue("tls.test")]
        program = f"{os.path.dirname(os.path.abspath(__file__))}/targets.py"
        self.targets = Helper([program, str(PORT), str(TLS_PORT), *files], self.machines["web"].prefix)
        stack.callback(self.targets.stop)

    def late(self):
        """Between which times the endpoints or the way to them were, since the last call."""
        return self.targets.late() + self.network.wire.late()

    def set_mode(self, ip, mode):
        """An endpoint is so from when this returns."""
        rules = []
        for kernel in ("refused", "dropped"):
            verb = "add" if mode == kernel else "delete"
            if verb == "add" or (ip, kernel) in self.in_kernel:
                rules.append(f"{verb} element ip endpoints {kernel} {{ {ip} }}")
        if rules:
            self.machines["web"].run("nft", "-f", "-", stdin="\n".join(rules) + "\n")
        self.in_kernel = {(i, k) for i, k in self.in_kernel if i != ip}
        if mode in ("refused", "dropped"):
            self.in_kernel.add((ip, mode))
            mode = "ok"
        self.targets.tell(f"{ip} {mode}")

    def make_nodes(self, stack):
        names = [f"{self.machines[f'node{i}'].ip}:3333" for i in range(3)]
        self.nodes = []
        for i, name in enumerate(names):
            options = dict(
                OPTIONS, local_node=name, nodes=names,
                update_resolvers=[server.address for server in self.servers.values()],
                update_credentials=self.servers["knot"].credentials(),
            )  # fmt: skip
            node = Node(f"{self.directory}/node{i}", self.services(), self.machines[f"node{i}"], i == 0, **options)
            self.nodes.append(node)
            stack.callback(self.end, node)

    def services(self):
        made = []
        for fqdn, ips in self.addresses.items():
            url, more = f"http://{{}}:{PORT}/", {}
            if fqdn in self.tls_names:
                url, more = f"https://{{}}:{TLS_PORT}/", dict(host="tls.test", tls_ca_file=self.ca)
            made.append(service(fqdn, url, ips, ttl=TTL, **more))
        return made

    @staticmethod
    def end(node):
        if node.process.alive():
            node.process.send(signal.SIGCONT)
        node.stop()
        subprocess.run(["umount", node.disk], check=True)

    def link(self, what, percent=0, seconds=0.0):
        a, b = (self.machines[name].ip for name in what)
        self.network.wire.link(a, b, percent, seconds)
