# SPDX-License-Identifier: ISC
"""What voting costs and how fast it is.

steady: 1, 3, 5, 7 nodes x 1,000 endpoints at 1 s and 3, 5, 7 x 10,000 at 10 s, 10 a
service; gossip bytes on the wire and CPU per node and second while nothing changes, and
while 500 endpoints fail, within one interval; the time from the vote that makes the
majority to the first UPDATE on the wire, and to the last node's verdict.
exchange: 3, 5, 7 nodes x 1,000 and 10,000 endpoints that are hardly probed; until each
node has every vote of every other, and what that took per node."""

import re
import statistics
import subprocess
import tempfile
import time

from harness.cluster import SECRET
from harness.daemon import Rrdnsd, service
from harness.dnsproxy import DnsProxy, is_update
from harness.knot import Knot
from harness.nameserver import ZONE
from harness.process import wait_for
from kit import table
from kit.attempt import attempt
from kit.node import Lines, running
from kit.target import Endpoints

PER_SERVICE = 10
TARGET, GOSSIP = 8080, 3333
SEVERAL = "127.65.0.0/22"  # 500 of the first 1,000: they fail at once
ALONE = "127.66.0.1"  # it fails again and again
RULES = f"""table ip bench {{
  counter gossip {{ }}
  set down {{ type ipv4_addr; flags interval; }}
  chain out {{
    type filter hook output priority 0
    tcp sport {GOSSIP} counter name gossip
    tcp dport {GOSSIP} counter name gossip
    ip daddr @down tcp dport {TARGET} reject with tcp reset
  }}
}}
"""


def nft(*argv, stdin=None):
    return subprocess.run(["nft", *argv], input=stdin, text=True, check=True, capture_output=True).stdout


def gossip_bytes():
    return int(re.search(r"bytes (\d+)", nft("list", "counter", "ip", "bench", "gossip"))[1])


def endpoint(i):
    """Every other one of a service can be made to fail."""
    return f"127.{64 + i % 2}.{i // 250}.{1 + i % 250}"


class Cluster:
    def __init__(self, rrdnsd, n, ipaddrs, more=(), **options):
        self.directory = tempfile.TemporaryDirectory()
        names = [f"127.0.1.{i + 1}:{GOSSIP}" for i in range(n)]
        services = [
            service(f"s{i}.{ZONE}", f"tcp://{{}}:{TARGET}", ipaddrs[i : i + PER_SERVICE], ttl=5)
            for i in range(0, len(ipaddrs), PER_SERVICE)
        ] + list(more)
        usual = dict(probe_interval_ms=1000, probe_timeout_ms=1000, fast_interval_ms=250, nodes=names)
        if n > 1:
            usual["nodes_secret"] = SECRET
        self.started = time.monotonic()
        self.nodes = []
        for i, name in enumerate(names):
            conf = Rrdnsd(f"{self.directory.name}/{i}", services, start=False, local_node=name, **dict(usual, **options))
            self.nodes.append(Lines([rrdnsd, "-c", conf.conf]))

    def wait(self, pattern, times, timeout=120):
        for node in self.nodes:
            node.wait(pattern, times, timeout=timeout)

    def measure(self, seconds):
        """(gossip bytes, CPU ms) per node and second."""
        cpu, sent, began = [node.cpu_s() for node in self.nodes], gossip_bytes(), time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - began
        used = statistics.median(node.cpu_s() - c for node, c in zip(self.nodes, cpu))
        return (gossip_bytes() - sent) / took / len(self.nodes), used / took * 1000

    def stop(self):
        for node in self.nodes:
            node.stop()
        self.directory.cleanup()


def kill_one(cluster, updates):
    """ms from the vote that makes the majority to the first UPDATE and to the
    last node's verdict."""
    began = time.monotonic()
    updates.clear()
    nft("add", "element", "ip", "bench", "down", f"{{ {ALONE} }}")
    verdict = rf"{ALONE}: .* -> down \("
    for node in cluster.nodes:
        wait_for(lambda: node.times(verdict, began), 30)
    wait_for(lambda: updates, 30)
    own = rf"{ALONE}: up -> down here"
    votes = sorted(wait_for(lambda: node.times(own, began), 30)[0] for node in cluster.nodes)
    last = max(node.times(verdict, began)[0] for node in cluster.nodes)
    majority = votes[len(votes) // 2]
    nft("delete", "element", "ip", "bench", "down", f"{{ {ALONE} }}")
    for node in cluster.nodes:
        wait_for(lambda: node.times(rf"{ALONE}: .* -> up \(", began), 30)
    time.sleep(3)
    return (updates[0] - majority) * 1000, (last - majority) * 1000


def storm(cluster, interval_s):
    """Gossip bytes and CPU while 500 fail, and seconds until their 100 services
    are changed."""
    began = time.monotonic()
    nft("add", "element", "ip", "bench", "down", f"{{ {SEVERAL} }}")
    taken = cluster.measure(interval_s + 4)

    def changed():
        times = sorted(at for node in cluster.nodes for at in node.times(r"\[updater\] s\d+\..* -> ", began))
        return times if len(times) >= 100 else None

    done = wait_for(changed, 60, "100 changes")
    nft("flush", "set", "ip", "bench", "down")
    return (*taken, done[99] - began)


def steady_of(rrdnsd, rounds, n, size, dns, updates):
    endpoints = [endpoint(i) for i in range(size)]
    interval_s = size // 1000  # 1,000 probes a second, for any size
    one = service(f"alone.{ZONE}", f"tcp://{{}}:{TARGET}", [ALONE, "127.66.0.2"], ttl=5, probe_interval_ms=1000)
    figure = {}
    updates.clear()
    with running(Cluster(rrdnsd, n, endpoints, [one], probe_interval_ms=interval_s * 1000, **dns)) as cluster:
        cluster.wait(r"undecided -> up", size + 2)
        wait_for(lambda: updates and time.monotonic() - updates[-1] > 3, 60, "a quiet start")
        quiet = [cluster.measure(5) for _ in range(rounds)]
        figure["quiet bytes/s"], figure["quiet CPU ms/s"] = map(statistics.median, zip(*quiet))
        kills = [kill_one(cluster, updates) for _ in range(3 * rounds)]
        figure["vote to UPDATE ms"], figure["vote to last verdict ms"] = map(statistics.median, zip(*kills))
        figure["storm bytes/s"], figure["storm CPU ms/s"], figure["storm done s"] = storm(cluster, interval_s)
    return figure


def steady(rrdnsd, rounds, sizes):
    updates = []

    def request(wire, tcp):
        if is_update(wire):
            updates.append(time.monotonic())
        return [wire]

    rows = []
    with tempfile.TemporaryDirectory() as directory, running(Knot(directory)) as knot, running(DnsProxy(knot)) as proxy:
        proxy.request = request
        dns = dict(update_resolvers=[proxy.address], update_credentials=knot.credentials())
        for n, size in sizes:
            figure = attempt(f"{n} nodes", lambda: steady_of(rrdnsd, rounds, n, size, dns, updates))
            rows.append(dict(nodes=n, endpoints=size, **(figure or {})))
    return rows


def exchange_once(rrdnsd, n, endpoints):
    sent = gossip_bytes()
    # Hardly probed: what is measured is the voting.
    options = dict(update_method="none", probe_interval_ms=3600000)
    with running(Cluster(rrdnsd, n, [endpoint(i) for i in range(endpoints)], **options)) as cluster:
        # A node's votes count once it is held completely.
        cluster.wait(r"its votes count from now on", n)
        last = max(node.times(r"its votes count")[n - 1] for node in cluster.nodes)
        return {
            "complete s": last - cluster.started,
            "sent MB": (gossip_bytes() - sent) / n / 1e6,
            "CPU s": statistics.median(node.cpu_s() for node in cluster.nodes),
            "memory MiB": statistics.median(node.memory_mib() for node in cluster.nodes),
        }


def exchange(rrdnsd, n, endpoints, rounds):
    taken = [attempt(f"{n} nodes", lambda: exchange_once(rrdnsd, n, endpoints)) for _ in range(rounds)]
    return {"nodes": n, "endpoints": endpoints, **table.medians(taken)}


def run(options):
    nft("-f", "-", stdin=RULES)
    rounds = 1 if options.quick else options.rounds
    sizes = [(3, 1000)] if options.quick else [(n, e) for e in (1000, 10000) for n in (3, 5, 7)]
    try:
        with running(Endpoints(options.programs)):
            return {
                "steady": steady(options.rrdnsd, rounds, [(1, 1000), *sizes]),
                "exchange": [exchange(options.rrdnsd, n, e, rounds) for n, e in sizes],
            }
    finally:
        nft("delete", "table", "ip", "bench")
