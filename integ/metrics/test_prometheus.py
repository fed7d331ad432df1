# SPDX-License-Identifier: ISC
"""What GET /metrics says is true, and written as Prometheus wants it."""

import contextlib
import http.client
import math
import os
import time

import pytest

from harness.daemon import Rrdnsd, service
from harness.dnsproxy import DnsProxy, is_update
from harness.process import free_port, wait_for
from harness.prometheus import Metrics

FAMILIES = """rrdnsd_probes_total rrdnsd_probe_duration_seconds rrdnsd_endpoint_up
rrdnsd_endpoint_published rrdnsd_endpoint_transitions_total rrdnsd_service_fail_open
rrdnsd_node_fresh rrdnsd_quorum rrdnsd_updates_total rrdnsd_update_duration_seconds
rrdnsd_cas_conflicts_total rrdnsd_time_to_visible_seconds rrdnsd_gossip_bytes_total
rrdnsd_gossip_rejected_total rrdnsd_hook_events_total rrdnsd_loop_lag_seconds rrdnsd_loop_lag_p99_seconds process_cpu_seconds_total
process_resident_memory_bytes process_virtual_memory_bytes process_open_fds
process_max_fds process_start_time_seconds""".split()


def scrape(daemon):
    return Metrics(daemon.options["local_node"])


def wait_value(daemon, wanted, name, **labels):
    """Until the sum of these samples is (or lambda says) as wanted."""
    right = wanted if callable(wanted) else lambda value: value == wanted

    def seen():
        with contextlib.suppress(ConnectionRefusedError):  # it has just been started
            return right(scrape(daemon).sum(name, **labels))

    wait_for(seen, 15, f"{name} {labels}")


def test_every_family_is_there(knot, publish):
    daemon, webs = publish(knot, 2)
    metrics = scrape(daemon)
    metrics.check()
    for family in FAMILIES:
        assert f"# TYPE {family} " in metrics.text
        assert f"# HELP {family} " in metrics.text
    names = [line.split()[2] for line in metrics.text.splitlines() if line.startswith("# TYPE ")]
    assert len(names) == len(set(names))


def test_an_endpoint_that_dies_and_comes_back(knot, publish, fqdn):
    daemon, webs = publish(knot, 2)
    dead, alive = webs[0].ip, webs[1].ip
    wait_value(daemon, lambda n: n >= 3, "rrdnsd_probes_total", ipaddr=dead, outcome="ok")
    metrics = scrape(daemon)
    assert {l["outcome"] for l, _ in metrics.all("rrdnsd_probes_total", fqdn=fqdn)} == {"ok"}
    assert metrics.value("rrdnsd_endpoint_up", fqdn=fqdn, ipaddr=dead) == 1
    wait_value(daemon, 1, "rrdnsd_endpoint_published", fqdn=fqdn, ipaddr=dead)
    updates = metrics.sum("rrdnsd_updates_total", server=knot.address, rcode="NOERROR")
    assert metrics.value("rrdnsd_endpoint_transitions_total", fqdn=fqdn, ipaddr=dead) == 0
    webs[0].down()
    wait_value(daemon, 0, "rrdnsd_endpoint_published", fqdn=fqdn, ipaddr=dead)
    metrics = scrape(daemon)
    metrics.check()
    assert metrics.value("rrdnsd_endpoint_up", fqdn=fqdn, ipaddr=dead) == 0
    assert metrics.value("rrdnsd_endpoint_up", fqdn=fqdn, ipaddr=alive) == 1
    assert metrics.value("rrdnsd_endpoint_published", fqdn=fqdn, ipaddr=alive) == 1
    assert metrics.value("rrdnsd_probes_total", ipaddr=dead, outcome="connection refused") >= 3
    assert metrics.value("rrdnsd_endpoint_transitions_total", ipaddr=dead) == 1
    assert metrics.value("rrdnsd_endpoint_transitions_total", ipaddr=alive) == 0
    assert metrics.sum("rrdnsd_updates_total", server=knot.address, rcode="NOERROR") == updates + 1
    webs[0].up()
    wait_value(daemon, 2, "rrdnsd_endpoint_transitions_total", ipaddr=dead)
    wait_value(daemon, 1, "rrdnsd_endpoint_published", fqdn=fqdn, ipaddr=dead)


def test_histograms_add_up(knot, publish):
    daemon, webs = publish(knot, 2)
    webs[0].down()
    wait_value(daemon, lambda n: n >= 1, "rrdnsd_update_duration_seconds_count")
    metrics = scrape(daemon)
    for name in ("rrdnsd_probe_duration_seconds", "rrdnsd_update_duration_seconds"):
        count = metrics.value(f"{name}_count")
        buckets = [value for _, value in metrics.all(f"{name}_bucket")]
        assert buckets == sorted(buckets) and buckets[-1] == count > 0
        assert 0 < metrics.value(f"{name}_sum") < count * 5
    assert metrics.value("rrdnsd_probe_duration_seconds_count") == metrics.sum("rrdnsd_probes_total")


def test_fail_open(knot, publish, fqdn):
    daemon, webs = publish(knot, 3)
    assert scrape(daemon).value("rrdnsd_service_fail_open", fqdn=fqdn) == 0
    webs[0].down()
    webs[1].down()
    wait_value(daemon, 1, "rrdnsd_service_fail_open", fqdn=fqdn)
    webs[0].up()
    wait_value(daemon, 0, "rrdnsd_service_fail_open", fqdn=fqdn)


def test_conflict_and_refusal(knot, publish, fqdn):
    """Somebody else changes the records between our reading and our update."""
    proxy = DnsProxy(knot)
    try:
        daemon, webs = publish(knot, 3, update_resolvers=[proxy.address])
        others = []

        def request(wire, tcp):
            if is_update(wire) and not others:
                others.append("192.0.2.77")
                knot.set(fqdn, [web.ip for web in webs] + others, ttl=5)
            return [wire]

        proxy.request = request
        webs[0].down()
        knot.wait_addresses(fqdn, {webs[1].ip, webs[2].ip, "192.0.2.77"})
        metrics = scrape(daemon)
        assert metrics.value("rrdnsd_cas_conflicts_total") == 1
        assert metrics.value("rrdnsd_updates_total", server=proxy.address, rcode="NXRRSET") == 1
    finally:
        proxy.stop()


def test_refused_updates(knot, rrdnsd, endpoints, fqdn):
    webs = endpoints(2)
    one = service(fqdn, f"http://{{}}:{webs[0].port}/", [web.ip for web in webs])
    daemon = rrdnsd(knot, [one], update_credentials=knot.credentials("limited-key"))
    # Knot denies with NOTAUTH and no signature: nobody can tell who said so.
    wait_value(daemon, lambda n: n >= 1, "rrdnsd_updates_total", rcode="not authentic")
    assert scrape(daemon).value("rrdnsd_updates_total", rcode="NOERROR") == 0


def test_time_to_visible(knot, make_server, publish, fqdn):
    other = make_server("knot")
    daemon, webs = publish(knot, 2, verify_resolvers=[other.address])
    webs[0].down()
    knot.wait_addresses(fqdn, {webs[1].ip})
    assert scrape(daemon).value("rrdnsd_time_to_visible_seconds_count") == 0
    other.set(fqdn, [webs[1].ip])
    wait_value(daemon, 1, "rrdnsd_time_to_visible_seconds_count")
    assert scrape(daemon).value("rrdnsd_time_to_visible_seconds_sum") > 0


def test_undecided_is_no_number(rrdnsd, knot, fqdn):
    one = service(fqdn, "http://{}:80/", ["192.0.2.1"], update_method="none")
    daemon = rrdnsd(knot, [one], probe_timeout_ms=60000, probe_interval_ms=60000)
    wait_value(daemon, 0, "rrdnsd_probe_duration_seconds_count")
    metrics = scrape(daemon)
    assert math.isnan(metrics.value("rrdnsd_endpoint_up", ipaddr="192.0.2.1"))
    assert not metrics.all("rrdnsd_endpoint_published")
    metrics.check()


def test_counts_survive_a_reload(knot, publish, fqdn):
    daemon, webs = publish(knot, 2)
    ip = webs[0].ip
    wait_value(daemon, lambda n: n >= 3, "rrdnsd_probes_total", ipaddr=ip, outcome="ok")
    before = scrape(daemon).value("rrdnsd_probes_total", ipaddr=ip, outcome="ok")
    daemon.services[0]["healthcheck"] += "?other"  # is probed in another way
    daemon.write()
    daemon.reload()
    assert scrape(daemon).value("rrdnsd_probes_total", ipaddr=ip, outcome="ok") >= before
    daemon.services[0]["ipaddrs"] = [webs[1].ip]
    daemon.write()
    daemon.reload()
    wait_for(lambda: not scrape(daemon).all("rrdnsd_probes_total", ipaddr=ip), 5, "the endpoint is gone")


def test_two_nodes(knot, rrdnsd, endpoints, fqdn):
    webs = endpoints(2)
    nodes = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    one = service(fqdn, f"http://{{}}:{webs[0].port}/", [web.ip for web in webs])
    first, second = [
        rrdnsd(knot, [one], local_node=node, nodes=nodes, heartbeat_ms=200,
               nodes_secret="a secret of forty characters, more or less")
        for node in nodes
    ]  # fmt: skip
    wait_value(first, 2, "rrdnsd_node_fresh")
    wait_value(first, 1, "rrdnsd_quorum")
    metrics = scrape(first)
    metrics.check()
    assert metrics.value("rrdnsd_node_fresh", node=nodes[1]) == 1
    assert metrics.value("rrdnsd_gossip_bytes_total") > 0
    refused = http.client.HTTPConnection(nodes[0], timeout=5)
    refused.request("POST", "/quorum/v1/gossip", b"{}", {"Rrdnsd-Auth": "v1 00"})
    assert refused.getresponse().status == 401
    wait_value(first, 1, "rrdnsd_gossip_rejected_total", why="bad_mac")
    second.stop()
    wait_value(first, 0, "rrdnsd_node_fresh", node=nodes[1])
    wait_value(first, 0, "rrdnsd_quorum")


def test_the_process(knot, publish):
    began = time.time()
    daemon, webs = publish(knot, 1)
    metrics = scrape(daemon)
    pid = daemon.process.pid
    assert began - 1 <= metrics.value("process_start_time_seconds") <= time.time() + 1
    assert 0 < metrics.value("process_cpu_seconds_total") < 60
    assert abs(metrics.value("process_open_fds") - len(os.listdir(f"/proc/{pid}/fd"))) <= 5
    assert metrics.value("process_max_fds") >= metrics.value("process_open_fds")
    with open(f"/proc/{pid}/statm") as f:
        pages = int(f.read().split()[1])
    assert 0.3 < metrics.value("process_resident_memory_bytes") / (pages * os.sysconf("SC_PAGESIZE")) < 3
    assert metrics.value("process_start_time_seconds") == scrape(daemon).value("process_start_time_seconds")


@pytest.mark.parametrize("path", ["/metrics/", "/metrics?name[]=x"])
def test_other_ways_to_ask(knot, publish, path):
    daemon, webs = publish(knot, 1)
    connection = http.client.HTTPConnection(daemon.options["local_node"], timeout=5)
    connection.request("GET", path)
    assert connection.getresponse().status == 200


def test_a_token_may_be_needed(tmp_path, fqdn):
    one = service(fqdn, "http://{}:80/", ["192.0.2.1"], update_method="none")
    daemon = Rrdnsd(tmp_path / "rrdnsd", [one], api_token="a" * 32, api_reads_need_token=True)
    try:
        def ask(headers):
            connection = http.client.HTTPConnection(daemon.options["local_node"], timeout=5)
            connection.request("GET", "/metrics", headers=headers)
            return connection.getresponse().status

        def refused():
            with contextlib.suppress(ConnectionRefusedError):
                return ask({}) == 401

        wait_for(refused, 10, "reading without a token is refused")
        assert ask({"Authorization": "Bearer " + "a" * 32}) == 200
    finally:
        daemon.stop()
