# SPDX-License-Identifier: ISC
"""Events are posted: once, signed, in company, again when that failed."""

import hashlib
import hmac
import signal

import pytest
from harness.cluster import SECRET
from harness.daemon import Rrdnsd, run, service
from harness.nameserver import ZONE
from harness.process import free_port, wait_for
from harness.prometheus import Metrics
from harness.receiver import Receiver


@pytest.fixture
def receiver():
    made = []

    def make(**options):
        made.append(Receiver(**options))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def test_an_event_is_posted(knot, publish, receiver, fqdn):
    hook = receiver()
    daemon, webs = publish(knot, webhooks=[{"url": hook.url, "events": ["endpoint_down"], "secret": "hush"}])
    webs[0].down()
    wait_for(lambda: hook.events("endpoint_down"), 10, "a post")
    headers, body = hook.posts[0]
    assert headers["Content-Type"] == "application/json"
    assert headers["Rrdnsd-Signature"] == "sha256=" + hmac.new(b"hush", body, hashlib.sha256).hexdigest()
    first = hook.bodies()[0]
    assert (first["kind"], first["fqdn"], first["ipaddr"]) == ("endpoint_down", fqdn, webs[0].ip)
    assert first["count"] == 1 and first["dropped"] == 0 and len(first["events"]) == 1
    assert {e["kind"] for e in hook.events()} == {"endpoint_down"}
    assert "token=secret" not in daemon.log()


def test_as_slack_takes_it(knot, publish, receiver, fqdn):
    hook = receiver()
    daemon, webs = publish(knot, webhooks=[{"url": hook.url, "events": ["endpoint_down"], "format": "slack"}])
    webs[0].down()
    wait_for(lambda: hook.posts, 10, "a post")
    assert list(hook.bodies()[0]) == ["text"]
    assert f"{fqdn} {webs[0].ip}" in hook.bodies()[0]["text"]


def test_many_at_once_are_few_posts(knot, rrdnsd, endpoints, receiver, fqdn):
    hook = receiver()
    web = endpoints(1)[0]
    web.down()
    ips = [f"127.8.{i // 250}.{1 + i % 250}" for i in range(500)]
    one = service(fqdn, f"tcp://{{}}:{web.port}", ips)
    rrdnsd(knot, [one], update_method="none", webhooks=[{"url": hook.url, "events": ["endpoint_down"]}])
    wait_for(lambda: len(hook.events("endpoint_down")) == 500, 30, "500 events")
    assert len(hook.posts) <= 8, [b["count"] for b in hook.bodies()]


def test_what_failed_is_sent_again(knot, publish, receiver):
    hook = receiver(statuses=[503, 429])
    daemon, webs = publish(knot, webhooks=[{"url": hook.url, "events": ["endpoint_down"]}])
    webs[0].down()
    wait_for(lambda: len(hook.posts) == 3, 20, "three posts")
    assert len({body for _, body in hook.posts}) == 1
    daemon.wait_log(r"webhook localhost:\d+: status 503; once more in \d+ ms")


def hooked(daemon, hook, outcome):
    return Metrics(daemon.options["local_node"]).value("rrdnsd_hook_events_total", hook=f"localhost:{hook.port}", outcome=outcome)


def test_the_certificate_is_verified_by_a_ca_of_its_own(knot, publish, receiver, ca):
    hook = receiver(tls=ca.issue("localhost"))
    stranger = receiver(tls=ca.issue("localhost"))
    events = ["endpoint_down"]
    daemon, webs = publish(knot, webhooks=[
        {"url": hook.url, "events": events, "tls_ca_file": ca.cert},
        {"url": stranger.url, "events": events},
    ])  # fmt: skip
    webs[0].down()
    wait_for(lambda: hook.events("endpoint_down"), 10, "a post")
    daemon.wait_log(rf"webhook localhost:{stranger.port}: .*certificate.*; once more in")
    assert not stranger.posts
    wait_for(lambda: hooked(daemon, hook, "delivered") == 1, what="the count")
    assert hooked(daemon, hook, "dropped") == 0
    # The other one learns the CA by a reload.
    daemon.options["webhooks"][1]["tls_ca_file"] = ca.cert
    daemon.write()
    daemon.reload()
    webs[0].up()
    daemon.wait_log(r"down -> up")
    webs[0].down()
    wait_for(lambda: stranger.events("endpoint_down"), 10, "a post")


def test_a_ca_file_without_certificates(tmp_path, publish, knot):
    daemon, webs = publish(knot)
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    daemon.options["webhooks"] = [{"url": "https://localhost/", "tls_ca_file": str(empty)}]
    daemon.write()
    status, out, err = run("-n", "-c", daemon.conf)
    assert status == 1 and "tls_ca_file" in err, err


@pytest.mark.parametrize("status, headers", [(400, {}), (302, {"Location": "http://127.0.0.1:9/"})])
def test_what_is_refused_is_not(knot, publish, receiver, status, headers):
    hook = receiver(statuses=[status], headers=headers)
    daemon, webs = publish(knot, webhooks=[{"url": hook.url, "events": ["endpoint_down", "endpoint_up"]}])
    daemon.wait_log(rf"error: webhook localhost:\d+: \d+ events? not delivered: status {status}")
    webs[0].down()
    wait_for(lambda: hook.events("endpoint_down"), 10, "the next one")
    assert len(hook.posts) == 2
    assert hooked(daemon, hook, "dropped") >= 1


def test_a_receiver_that_is_away(knot, publish):
    daemon, webs = publish(knot, webhooks=[{"url": f"http://127.0.0.1:{free_port()}/", "events": ["endpoint_up"]}])
    daemon.wait_log(r"warning: webhook 127.0.0.1:\d+: .*; once more in \d+ ms", times=2)


def test_https_is_verified(knot, publish, receiver, ca):
    hook = receiver(tls=ca.issue("localhost"))
    hooks = [{"url": hook.url, "events": ["endpoint_up"]}]
    daemon, _ = publish(knot, webhooks=hooks)
    daemon.wait_log(r"webhook localhost:\d+: .*; once more")
    assert not hook.posts
    publish(knot, webhooks=hooks, env={"SSL_CERT_FILE": ca.cert})
    wait_for(lambda: hook.events("endpoint_up"), 10, "a post")


def test_a_reload_keeps_what_waits(knot, publish, receiver):
    hook = receiver(statuses=[500])
    daemon, webs = publish(knot, webhooks=[{"url": hook.url, "events": ["endpoint_up"]}])
    daemon.wait_log(r"status 500; once more")
    daemon.reload()
    wait_for(lambda: len(hook.posts) == 2, 15, "once more")
    daemon.options["webhooks"] = []
    daemon.write()
    daemon.reload()


def test_the_last_word_is_heard(knot, publish, receiver):
    """What happened right before the end is still told."""
    hook = receiver()
    daemon, webs = publish(knot, webhooks=[{"url": hook.url, "events": ["endpoint_down"]}])
    webs[0].down()
    daemon.wait_log("up -> down ")
    daemon.wait_log(r"\[quorum\] .*up -> down")
    assert daemon.stop() == 0
    assert hook.events("endpoint_down")


def test_unknown_events_and_formats_are_refused(knot, rrdnsd, fqdn):
    for hook, why in [
        ({"url": "http://h/", "events": ["endpoint_don"]}, "endpoint_down"),
        ({"url": "http://h/", "format": "xml"}, "json, slack"),
        ({"url": "ftp://h/"}, "must begin with http"),
        ({"events": ["endpoint_down"]}, "url: is missing"),
    ]:
        daemon = rrdnsd(knot, [service(fqdn, "tcp://{}:1", ["127.0.0.1"])], webhooks=[hook], start=False)
        status, _, stderr = run("-n", "-c", daemon.conf)
        assert status == 1 and why in stderr, stderr


@pytest.fixture
def cluster(tmp_path, receiver, endpoints, fqdn):
    """Three nodes, one endpoint, one receiver."""
    nodes = [f"127.0.0.1:{free_port()}" for _ in range(3)]
    hook = receiver()
    web = endpoints(1)[0]
    daemons = [
        Rrdnsd(
            tmp_path / f"node{i}",
            [service(fqdn, f"http://{{}}:{web.port}/", [web.ip])],
            local_node=node, nodes=nodes, nodes_secret="0123456789abcdef", update_method="none",
            heartbeat_ms=200, takeover_ms=300,
            webhooks=[{"url": hook.url, "events": ["endpoint_up", "endpoint_down", "node_lost"]}],
        )
        for i, node in enumerate(nodes)
    ]  # fmt: skip
    yield daemons, hook, web
    for daemon in daemons:
        daemon.stop()


def test_one_node_tells_for_all(cluster):
    daemons, hook, web = cluster
    for daemon in daemons:
        daemon.wait_log("undecided -> up")
    wait_for(lambda: hook.events("endpoint_up"), 15, "endpoint_up")
    web.down()
    for daemon in daemons:
        daemon.wait_log(r"\[quorum\] .*up -> down")
    wait_for(lambda: hook.events("endpoint_down"), 15, "endpoint_down")
    web.up()
    for daemon in daemons:
        daemon.wait_log(r"\[quorum\] .*down -> up")
    # What the others held is over before they can hold the next change.
    wait_for(lambda: len(hook.events("endpoint_up")) >= 2, 15, "endpoint_up")
    assert len(hook.events("endpoint_down")) == 1


def test_the_next_one_tells_when_the_first_is_dead(cluster):
    daemons, hook, web = cluster
    for daemon in daemons:
        daemon.wait_log("undecided -> up")
    wait_for(lambda: hook.events("endpoint_up"), 15, "endpoint_up")
    by = {b["by"] for b in hook.bodies()}
    first = next(d for d in daemons if d.options["local_node"] in by)
    first.process.send(signal.SIGKILL)
    web.down()
    wait_for(lambda: hook.events("endpoint_down"), 20, "endpoint_down")
    wait_for(lambda: hook.events("node_lost"), 20, "node_lost")
    assert first.options["local_node"] not in {b["by"] for b in hook.bodies() if b["kind"] == "endpoint_down"}


def test_too_many_for_the_node_that_does_not_tell(rrdnsd, endpoints, receiver, fqdn):
    """It keeps a thousand, in case the one before it is dead. With max_removals
    that one is the same for all services."""
    hook = receiver()
    web = endpoints(1)[0]
    web.down()
    ips = [f"127.9.{i // 250}.{1 + i % 250}" for i in range(700)]
    services = [service(f"{name}.{fqdn}", f"tcp://{{}}:{web.port}", ips, zone=ZONE) for name in "ab"]
    names = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    nodes = [
        rrdnsd(None, services, local_node=name, nodes=names, nodes_secret=SECRET, update_method="none",
               max_removals=1000, webhooks=[{"url": hook.url, "events": ["endpoint_down"]}])
        for name in names
    ]  # fmt: skip
    told = r"webhooks: \d+ events that another node was to tell of were dropped"
    wait_for(lambda: any(node.count(told) for node in nodes), 30, told)
    second = next(node for node in nodes if node.count(told))
    assert hooked(second, hook, "dropped") >= 100
