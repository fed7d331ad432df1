# SPDX-License-Identifier: ISC
"""SIGHUP in all its forms, and the other signals."""

import contextlib
import os
import signal
import socket
import time

import pytest
from harness.api import Api
from harness.cluster import SECRET
from harness.daemon import service
from harness.process import wait_for


def ips(webs):
    return {web.ip for web in webs}


def test_nothing_changed(knot, publish, fqdn):
    daemon, webs = publish(knot, 3)
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
    before = knot.serial()
    daemon.reload()
    time.sleep(1)
    assert knot.serial() == before
    assert daemon.count("undecided ->") == 3  # all from the start


def test_service_added_and_removed(knot, publish, fqdn):
    daemon, webs = publish(knot, 2)
    second = f"second.{fqdn}"
    daemon.services.append(
        service(second, f"http://{{}}:{webs[0].port}/", ips(webs), zone="rrdnsd.test")
    )
    daemon.write()
    daemon.reload()
    knot.wait_addresses(second, ips(webs))
    daemon.services.pop()
    daemon.write()
    daemon.reload()
    daemon.wait_log(rf"{second}: no longer configured; its records are left")
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
    assert knot.addresses(second) == ips(webs)


def test_endpoint_added(knot, publish, endpoints, fqdn):
    daemon, webs = publish(knot, 2)
    third = "127.0.200.3"
    daemon.services[0]["ipaddrs"].append(third)
    daemon.write()
    daemon.reload()
    daemon.wait_log(rf"{fqdn} {third}: undecided -> down")
    time.sleep(0.3)
    assert knot.addresses(fqdn) == ips(webs)


def test_endpoint_removed_keeps_its_record(knot, publish, fqdn):
    daemon, webs = publish(knot, 3)
    daemon.services[0]["ipaddrs"].remove(webs[2].ip)
    daemon.write()
    daemon.reload()
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_check_changed_is_learned_anew(knot, publish, fqdn):
    daemon, webs = publish(knot, 2)
    daemon.services[0]["healthcheck"] = f"tcp://{{}}:{webs[0].port}"
    daemon.write()
    daemon.reload()
    daemon.wait_log("its health is learned anew", times=2)
    daemon.wait_log("undecided -> up", times=4)
    assert knot.addresses(fqdn) == ips(webs)


def test_ttl_changed(knot, publish, fqdn):
    daemon, webs = publish(knot, 2)
    daemon.services[0]["ttl"] = 33
    daemon.write()
    daemon.reload()
    daemon.wait_log("TTL 5 -> 33")
    assert knot.rrset(fqdn) == (ips(webs), 33)


def test_server_changed(knot, make_server, publish, fqdn):
    daemon, webs = publish(knot, 2)
    other = make_server("bind")
    daemon.options["update_resolvers"] = [other.address]
    daemon.options["update_credentials"] = other.credentials()
    daemon.write()
    daemon.reload()
    other.wait_addresses(fqdn, ips(webs))


@pytest.mark.parametrize(
    "broken, message",
    [
        ("conf_version = 1\nfoo", r"rrdnsd\.conf:\d+: "),
        ("rize = 3;", r"rrdnsd\.conf:\d+: .*rize.*rise"),
        ("probe_interval_ms = -5;", r"rrdnsd\.conf:\d+: .*probe_interval_ms"),
    ],
)
def test_bad_file_changes_nothing(knot, publish, fqdn, broken, message):
    daemon, webs = publish(knot, 2)
    with open(daemon.conf) as f:
        good = f.read()
    with open(daemon.conf, "w") as f:
        f.write(good + broken + "\n")
    daemon.reload(wait="not reloaded .*going on as before")
    daemon.wait_log(message)
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_missing_file_changes_nothing(knot, publish, fqdn):
    import os

    daemon, webs = publish(knot, 2)
    os.unlink(daemon.conf)
    daemon.reload(wait="not reloaded .*going on as before")
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_many_reloads_while_an_endpoint_flaps(knot, publish, fqdn):
    daemon, webs = publish(knot, 2)
    for i in range(20):
        (webs[0].down if i % 2 else webs[0].up)()
        daemon.process.send(signal.SIGHUP)
        time.sleep(0.1)
    webs[0].up()
    knot.wait_addresses(fqdn, ips(webs))


def test_a_peer_is_spoken_to_again_after_it_was_cut_off(knot, rrdnsd, endpoints, fqdn):
    """The peer holds a request without an answer when the canaries change."""
    web, canary = endpoints(2)
    with socket.create_server(("127.0.0.1", 0)) as peer:
        peer.settimeout(10)
        daemon = rrdnsd(
            knot, [service(fqdn, f"http://{{}}:{web.port}/", [web.ip])], start=False, nodes_secret=SECRET,
            heartbeat_ms=200, vote_ttl_ms=60000,
        )  # fmt: skip
        daemon.options["nodes"] += [f"127.0.0.1:{peer.getsockname()[1]}"]
        daemon.write()
        daemon.start()
        with peer.accept()[0] as first:
            assert first.recv(65536).startswith(b"POST /quorum/")
            daemon.options["canaries"] = [f"http://{canary.ip}:{canary.port}/"]
            daemon.write()
            daemon.reload()
            with peer.accept()[0] as second:
                assert second.recv(65536).startswith(b"POST /quorum/")
    daemon.wait_log("does not answer \\(cut off by a reload\\)")


def test_usr1_logs_the_state(knot, publish, fqdn):
    daemon, webs = publish(knot, 2)
    daemon.process.send(signal.SIGUSR1)
    daemon.wait_log(r"\[status\] 1 service, 2 endpoints: 0 down, 0 undecided")
    daemon.wait_log(rf"\[status\] {fqdn} {webs[0].ip}: up: 1 of 1 nodes .*present")
    daemon.wait_log(rf"\[status\] {fqdn} A at {knot.address}: ok")


def test_sigint(knot, publish, fqdn):
    daemon, webs = publish(knot, 2)
    daemon.process.send(signal.SIGINT)
    assert daemon.process.wait(5) == 0


def test_signals_while_it_starts_and_stops(knot, publish):
    """They wait for the loop, or are too late to matter; none kills."""
    daemon, webs = publish(knot, 2)
    daemon.process.send(signal.SIGTERM)
    for _ in range(20):
        daemon.process.send(signal.SIGTERM)
        daemon.process.send(signal.SIGHUP)
        daemon.process.send(signal.SIGUSR1)
    assert daemon.stop() == 0


def test_hangup_before_it_has_read_its_file(knot, rrdnsd, endpoints, fqdn):
    """It waits, and has the file read once more: it may have been written meanwhile."""
    web = endpoints(1)[0]
    daemon = rrdnsd(knot, [service(fqdn, f"http://{{}}:{web.port}/", [web.ip])], start=False)
    with open(daemon.conf) as f:
        text = f.read()
    os.unlink(daemon.conf)
    os.mkfifo(daemon.conf)
    daemon.start()

    def writer():
        """None while nobody reads it."""
        with contextlib.suppress(OSError):
            return open(os.open(daemon.conf, os.O_WRONLY | os.O_NONBLOCK), "w")

    with wait_for(writer, what="rrdnsd reads its file") as fifo:
        daemon.process.send(signal.SIGHUP)
        os.rename(daemon.conf, f"{daemon.conf}.fifo")
        with open(daemon.conf, "w") as f:
            f.write(text)
        fifo.write(text)
    daemon.wait_log(r"rrdnsd\.conf: reloaded")
    daemon.wait_ready()


def test_a_new_endpoint_has_time(knot, publish, endpoints):
    """It was not probed yet, and nothing is stale for that."""
    daemon, webs = publish(knot, 2)
    slow = endpoints(1, mode="hang")[0]
    time.sleep(1.3)  # longer than an endpoint that is not new may go without a probe
    daemon.services[0]["ipaddrs"].append(slow.ip)
    daemon.write()
    daemon.reload()
    health = Api(daemon).request("GET", "/health")
    assert health.status == 200, health


def test_a_refused_file_leaves_the_log_level(knot, publish):
    without_verbose = ["sh", "-c", 'daemon=$1; shift 2; exec "$daemon" "$@"', "sh"]
    daemon, webs = publish(knot, 2, prefix=without_verbose)
    daemon.options["local_node"] = "127.0.0.1:1"
    daemon.options["nodes"] = ["127.0.0.1:1"]
    daemon.options["log_level"] = "error"
    daemon.write()
    daemon.reload(wait="not reloaded")
    daemon.process.send(signal.SIGUSR1)
    daemon.wait_log(r"\[status\] 1 service, 2 endpoints")
