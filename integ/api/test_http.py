# SPDX-License-Identifier: ISC
"""Who may do what, and what bad input gets."""

import datetime
import json
import os
import re
import socket
import stat
import subprocess
import time

import pytest
from harness.api import TOKEN, Api
from harness.daemon import is_instrumented, service as make_service
from harness.process import wait_for


@pytest.fixture
def one(knot, publish):
    def make(n=2, **options):
        options.setdefault("api_token", TOKEN)
        daemon, webs = publish(knot, n, **options)
        return daemon, Api(daemon), webs

    return make


def drain(fqdn, webs):
    return f"/api/v1/services/{fqdn}/endpoints/{webs[0].ip}/intent", {"intent": "drain"}


def raw(daemon, data, timeout=5):
    """Sends bytes and reads until the other side closes."""
    host, port = daemon.options["local_node"].split(":")
    with socket.create_connection((host, int(port)), timeout) as connection:
        connection.sendall(data)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


def test_changes_over_tcp_need_the_token(one, fqdn):
    daemon, api, webs = one()
    path, body = drain(fqdn, webs)
    for authorization in (None, "", "Bearer", "Bearer ", "Bearer x", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN):
        answer = Api(daemon, token=None).request("POST", path, body, {"Authorization": authorization})
        assert answer.status == 401, (authorization, answer)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert api.status()["intents"] == []
    assert api.request("POST", path, body, {"Authorization": f"bearer {TOKEN}"}).status == 200
    assert TOKEN not in daemon.log()


def test_without_a_token_there_are_no_changes_over_tcp(one, fqdn):
    daemon, api, webs = one(api_token="")
    path, body = drain(fqdn, webs)
    answer = api.request("POST", path, body)
    assert answer.status == 403 and "api_token" in answer.error
    assert Api(daemon, local=True).request("POST", path, body).status == 200


def test_the_socket_needs_no_token_and_has_its_mode(one, fqdn):
    daemon, api, webs = one(api_socket_mode="0600")
    path = daemon.options["api_socket"]
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    local = Api(daemon, local=True)
    assert local.status()["node"] == daemon.options["local_node"]
    answer = local.post(*drain(fqdn, webs))
    assert answer["held_by"] == 1
    assert local.endpoint(fqdn, webs[0].ip)["intent"]["by"] == f"uid {os.getuid()}"


def test_a_stale_socket_is_cleared_away_and_a_living_one_is_not(one, fqdn):
    daemon, api, webs = one()
    path = daemon.options["api_socket"]
    daemon.kill()
    assert os.path.exists(path)
    daemon.start()
    wait_for(lambda: "undecided -> up" in daemon.log(), what="a start")
    assert Api(daemon, local=True).status()
    daemon.stop()
    assert not os.path.exists(path)
    with open(path, "w") as f:
        f.write("mine")
    daemon.start()
    daemon.wait_log(r"api_socket .*: something else than a socket is there")
    daemon.stop()
    with open(path) as f:
        assert f.read() == "mine"
    os.unlink(path)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(path)
        other.listen()
        daemon.start()
        daemon.wait_log(r"api_socket .*: another process listens there")
        daemon.stop()
        assert os.path.exists(path)


def test_reading_may_need_the_token(one, fqdn):
    daemon, api, webs = one(api_reads_need_token=True)
    stranger = Api(daemon, token=None)
    for path in ("/api/v1/status", "/api/v1/events", f"/api/v1/services/{fqdn}"):
        assert stranger.request("GET", path).status == 401
        assert api.request("GET", path).status == 200
        assert Api(daemon, local=True).request("GET", path).status == 200
    assert stranger.request("GET", "/health").status == 200


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
def test_content_type(one, fqdn, content_type):
    daemon, api, webs = one()
    path, body = drain(fqdn, webs)
    answer = api.request("POST", path, body, {"Content-Type": content_type})
    assert answer.status == 415 and "application/json" in answer.error
    assert api.request("POST", path, body, {"Content-Type": "application/json; charset=utf-8"}).status == 200


def test_pages_of_other_sites_get_nothing(one, fqdn):
    daemon, api, webs = one()
    own = daemon.options["local_node"]
    path, body = drain(fqdn, webs)
    for origin in ("http://evil.example", "null", "http://" + own + ".evil.example", "https://x"):
        assert api.request("POST", path, body, {"Origin": origin}).status == 403
        answer = api.request("GET", "/api/v1/status", headers={"Origin": origin})
        assert answer.status == 403
        assert not any(h.lower().startswith("access-control") for h in answer.headers)
    assert api.request("OPTIONS", path, headers={"Origin": "http://evil.example"}).status == 405
    assert api.request("GET", "/api/v1/status", headers={"Origin": f"http://{own}"}).status == 200
    for host in ("a b", "evil/..", "x\"y", "<script>", "a@b"):
        assert api.request("GET", "/api/v1/status", headers={"Host": host}).status == 400
    assert api.status()["intents"] == []


def test_unknown_things(one, fqdn):
    daemon, api, webs = one()
    for path in ("/x", "/api", "/api/v1", "/api/v2/status", "/api/v1/status/x", "/../etc/passwd", "/%2e%2e/x", "//x", "/api/v1/services//intent"):
        answer = api.request("GET", path)
        assert answer.status == 404 and answer.error, (path, answer)
    for method, path, allow in (
        ("PUT", "/api/v1/status", "GET, HEAD"),
        ("DELETE", "/health", "GET, HEAD"),
        ("GET", "/api/v1/freeze", "POST"),
        ("PATCH", f"/api/v1/services/{fqdn}", "GET, HEAD, DELETE"),
        ("GET", "/quorum/v1/gossip", "POST"),
    ):
        answer = api.request(method, path)
        assert (answer.status, answer.headers["Allow"]) == (405, allow), (path, answer)
    assert api.request("GET", "/api/v1/services/no.such.name").status == 404
    assert api.request("GET", f"/api/v1/services/{'x' * 300}").status == 404
    assert api.request("POST", f"/api/v1/services/{fqdn}/endpoints/127.9.9.9/intent", {"intent": "up"}).status == 404
    assert api.request("GET", f"/api/v1/services/{fqdn.upper()}.").status == 200
    assert api.request("GET", "/api/v1/status/").status == 200
    head = api.request("HEAD", "/api/v1/status")
    assert head.status == 200 and head.body == b"" and int(head.headers["Content-Length"]) > 100
    assert api.status()["services"]


@pytest.mark.parametrize(
    "version, hosts, status",
    [
        ("1.1", ["x"], 200),
        ("1.1", [], 400),
        ("1.0", [], 200),
        ("1.1", ["x", "x"], 400),
        ("1.1", ["x", "evil.example"], 400),
        ("1.0", ["x", "y"], 400),
        ("1.1", [""], 400),
        ("1.1", ["x, y"], 400),
    ],
)
def test_one_host_header(one, version, hosts, status):
    daemon, api, webs = one()
    lines = "".join(f"Host: {host}\r\n" for host in hosts)
    answer = raw(daemon, f"GET /health HTTP/{version}\r\n{lines}Connection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.") and answer[9:12] == str(status).encode(), answer
    assert json.loads(answer.split(b"\r\n\r\n", 1)[1])
    if status == 400:
        assert b"one Host header is needed" in answer


def test_a_nul_ends_no_path(one, fqdn):
    daemon, api, webs = one()
    for path in ("/health%00", "/health%00x", "/api/v1/status%00/x", f"/api/v1/services/{fqdn}%00.evil", "/%00"):
        answer = api.request("GET", path)
        assert answer.status == 404 and answer.error, (path, answer)
    assert api.request("GET", "/api/v1/events?since=0%00x").status == 400
    assert api.request("GET", "/he%61lth").status == 200


def test_events_by_since_and_limit(one, fqdn):
    daemon, api, webs = one()
    for word in ("drain", "auto", "drain", "auto"):
        api.intent(fqdn, webs[0].ip, word)
    events = api.events()
    ids = [e["id"] for e in events]
    assert ids == sorted(set(ids))
    page = api.get("/api/v1/events?since=0&limit=2")
    assert [e["id"] for e in page["events"]] == ids[:2] and page["next"] == ids[1]
    newest = [e["id"] for e in api.get("/api/v1/events?limit=2")["events"]]
    ids = [e["id"] for e in api.events()]  # what was published meanwhile is told, too
    assert len(newest) == 2 and newest == ids[ids.index(newest[0]):][:2]
    beyond = ids[-1] + 1000000
    assert api.get(f"/api/v1/events?since={beyond}") == {"events": [], "next": beyond}
    for query in ("since=x", "since=-1", "limit=0", "limit=10001", "limit=", "since=99999999999999999999"):
        assert api.request("GET", f"/api/v1/events?{query}").status == 400, query


def test_large_bodies(one, fqdn):
    daemon, api, webs = one()
    path, body = drain(fqdn, webs)
    for size in (1048577, 3 << 20):
        answer = api.request("POST", path, b"x" * size)
        assert answer.status == 413 and "1048576" in answer.error
    assert api.request("POST", path, b" " * 1048500 + b"{}").status == 400
    # Who waits for leave is told at once.
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"
    answer = raw(daemon, (head + "Content-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n").encode())
    assert answer.startswith(b"HTTP/1.1 413 ")
    answer = raw(daemon, (head + "Content-Length: 99999999999\r\n\r\n").encode())
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert api.request("GET", "/x" * 20000).status in (404, 414, 431)
    assert api.request("GET", "/api/v1/status", headers={"X": "y" * 60000}).status in (413, 431)


@pytest.mark.parametrize(
    "data",
    [b"\x00\xff\x00\xff\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 9, b"GET /api/v1/status\r\n\r\n"],
    ids=["bytes", "method", "version", "lines", "0.9"],
)
def test_what_is_no_http(one, data):
    daemon, api, webs = one()
    host, port = daemon.options["local_node"].split(":")
    with socket.create_connection((host, int(port)), 30) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass  # refused, or given up after 10 s
    assert api.status()["services"]


def test_half_a_request_is_given_up(one, fqdn):
    daemon, api, webs = one()
    host, port = daemon.options["local_node"].split(":")
    before = time.monotonic()
    halves = [b"", b"GET /api/v1/sta", b"GET /api/v1/status HTTP/1.1\r\nHost: x\r\n", b"POST /api/v1/freeze HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"]
    connections = []
    for half in halves:
        connection = socket.create_connection((host, int(port)), 30)
        connection.sendall(half)
        connections.append(connection)
    # And one that never falls silent.
    slow = socket.create_connection((host, int(port)), 30)
    slow.sendall(b"GET /api/v1/status HTTP/1.1\r\nHost: x\r\n")
    slow.settimeout(0.2)
    ended = False
    while time.monotonic() - before < 25 and not ended:
        try:
            slow.sendall(b"X: y\r\n")
            ended = slow.recv(65536).startswith(b"HTTP/1.1 408 ")
        except socket.timeout:
            pass
        except OSError:
            ended = True
    assert ended
    for connection in connections:
        answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 408 ") and json.loads(answer.split(b"\r\n\r\n")[1])["error"]
        connection.close()
    slow.close()
    assert time.monotonic() - before >= 9
    assert api.status()["services"]


def test_a_thousand_connections_at_once(one, knot, fqdn):
    daemon, api, webs = one()
    host, port = daemon.options["local_node"].split(":")
    held = []
    try:
        for _ in range(1000):
            connection = socket.socket()
            connection.setblocking(False)
            connection.connect_ex((host, int(port)))
            held.append(connection)
        # Probing goes on, and whoever asks is served: those that ask nothing go.
        webs[0].down()
        knot.wait_addresses(fqdn, {webs[1].ip})
        answer = Api(daemon, timeout=30).request("GET", "/api/v1/status")
        assert answer.status == 200
        assert Api(daemon, local=True).status()["services"]
    finally:
        for connection in held:
            connection.close()
    assert api.request("GET", "/health").status == 200


def test_health_says_what_is_wrong(make_server, publish, fqdn):
    server = make_server("knot")
    daemon, webs = publish(server, 2, reconcile_interval_ms=200, update_timeout_ms=300, api_token=TOKEN)
    api = Api(daemon)
    wait_for(lambda: api.request("GET", "/health").json == {"status": "ok"}, what="health")
    server.stop()

    def failing():
        answer = api.request("GET", "/health")
        return answer.status == 503 and any(
            reason.startswith(f"server not updated: {server.address}: ") for reason in answer.json["reasons"]
        )

    wait_for(failing, 20, "a server that is not updated")
    assert api.service(fqdn)["servers"][0]["state"] == "failed"
    failing = api.service(fqdn)["servers"][0]
    assert failing["last_error"] and failing["failing_since"] <= api.status()["at"]


def test_status_is_what_happens(one, knot, fqdn):
    daemon, api, webs = one(3)
    webs[0].down()
    knot.wait_addresses(fqdn, {web.ip for web in webs[1:]})
    wait_for(lambda: api.endpoint(fqdn, webs[0].ip)["published"] is False, what="published: false")
    service = api.service(fqdn)
    assert (service["state"], service["fail_open"], service["maintenance"]) == ("partial", False, False)
    assert service["servers"][0]["server"] == knot.address
    assert sorted(service["servers"][0]["rrset"]["A"]) == sorted(web.ip for web in webs[1:])
    assert service["servers"][0]["last_update_ms"] >= 0
    assert service["servers"][0]["failing_since"] is None
    endpoint = api.endpoint(fqdn, webs[0].ip)
    assert (endpoint["verdict"], endpoint["own"], endpoint["desired"]) == ("down", "down", "absent")
    assert endpoint["probe"]["history"].endswith("---")
    assert endpoint["why"] == "down: 1 of 1 nodes (connection refused)"
    kinds = [e["kind"] for e in api.events() if e["ipaddr"] == webs[0].ip or e["kind"] == "published"]
    assert kinds[-3:] == ["vote_changed", "endpoint_down", "published"]


def test_many_at_once_are_one_burst(one, rrdnsd, knot, endpoints, fqdn):
    addresses = [f"127.0.77.{i}" for i in range(1, 201)]
    web = endpoints(1)[0]
    daemon = rrdnsd(
        knot, [make_service(fqdn, f"tcp://{{}}:{web.port}", addresses)], api_token=TOKEN, fail_mode="hold"
    )
    daemon.wait_log(r"undecided -> down", times=200, timeout=30)
    downs = [e for e in Api(daemon).events() if e["kind"] == "endpoint_down"]
    assert len(downs) == 200
    assert len({e["group"] for e in downs}) <= 3
    assert all(e["cause"] == "down: 1 of 1 nodes (connection refused)" for e in downs)


# What else this machine does is no lateness of ours, where it lets us say so.
FIRST = ["chrt", "-r", "1"]
FIRST = FIRST if subprocess.run([*FIRST, "true"], capture_output=True).returncode == 0 else []


@pytest.mark.parametrize(
    "path, connections", [("status", 256), ("events?limit=10000", 64)], ids=["status", "events"]
)
def test_probing_is_undisturbed_while_it_is_hammered(rrdnsd, knot, endpoints, fqdn, path, connections):
    """1,000 endpoints, and whoever may ask does so all the time."""
    web = endpoints(1)[0]
    addresses = [[f"127.0.{90 + s}.{i + 1}" for i in range(100)] for s in range(10)]
    services = [make_service(f"s{s}.{fqdn}", f"tcp://{{}}:{web.port}", a) for s, a in enumerate(addresses)]
    own = make_service(fqdn, f"http://{{}}:{web.port}/", [web.ip], fail_mode="closed")
    daemon = rrdnsd(
        knot, [*services, own], api_token=TOKEN, update_method="none", update_resolvers=[],
        update_credentials="", probe_interval_ms=1000, fast_interval_ms=500, prefix=FIRST,
    )  # fmt: skip
    daemon.wait_log(r"\[agent\] ready", timeout=30)
    daemon.wait_log(rf"{fqdn} {web.ip}: undecided -> up")
    url = f"http://{daemon.options['local_node']}/api/v1/{path}"
    wrk = subprocess.Popen(
        ["wrk", "-t1", f"-c{connections}", "-d5s", "--timeout", "10s", url], stdout=subprocess.PIPE, text=True
    )
    time.sleep(1)
    web.down()
    daemon.wait_log(rf"{fqdn} {web.ip}: up -> down", timeout=8)
    out = wrk.communicate(timeout=30)[0]
    assert "Non-2xx" not in out, out
    assert float(re.search(r"Requests/sec:\s+([0-9.]+)", out).group(1)) > (2 if is_instrumented() else 20), out
    metrics = Api(daemon, local=True).request("GET", "/metrics").body
    lag = re.search(rb"^rrdnsd_loop_lag_p99_seconds ([0-9.e-]+)", metrics, re.M)
    assert float(lag.group(1)) < (0.05 if FIRST and not is_instrumented() else 0.5)
    assert not daemon.count("stood still")


def test_the_address_alone_leads_to_the_dashboard(one):
    daemon, api, webs = one()
    for method in ("GET", "HEAD"):
        answer = api.request(method, "/")
        assert (answer.status, answer.headers["Location"], answer.body) == (302, "/dash", b"")
    assert api.request("POST", "/").status == 405


def test_since_when_it_fails_open(one, fqdn):
    daemon, api, webs = one(n=2)
    assert api.service(fqdn)["fail_open_since"] is None
    for web in webs:
        web.down()
    wait_for(lambda: api.service(fqdn)["fail_open"], what="fail open")

    def since():
        return datetime.datetime.fromisoformat(api.service(fqdn)["fail_open_since"][:-1])

    first = since()
    daemon.reload()
    assert abs((since() - first).total_seconds()) < 1
    webs[0].up()
    wait_for(lambda: api.service(fqdn)["fail_open_since"] is None, what="its end")


@pytest.mark.parametrize("since", ["9223372036854775808", "18446744073709551615"])
def test_an_event_id_that_is_none(one, since):
    daemon, api, webs = one()
    answer = api.request("GET", f"/api/v1/events?since={since}")
    assert answer.status == 400 and "since must be a whole number" in answer.error
