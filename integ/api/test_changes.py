# SPDX-License-Identifier: ISC
"""Services, endpoints and nodes that come and go at run time."""

import json
import os
import subprocess
import tempfile

import pytest
from harness.api import TOKEN, Api
from harness.daemon import service
from harness.nameserver import ZONE
from harness.process import wait_for


def ips(webs):
    return {web.ip for web in webs}


@pytest.fixture
def one(knot, publish):
    def make(n=2, **options):
        daemon, webs = publish(knot, n, api_token=TOKEN, **options)
        return daemon, Api(daemon), webs

    return make


def changes(api):
    return sorted(api.status()["runtime_changes"])


def test_a_service_comes_survives_and_goes(one, knot, endpoints, fqdn):
    daemon, api, webs = one()
    name = "added-" + fqdn
    others = endpoints(2)
    knot.set(name, ips(others), ttl=5)
    new = service(name.upper() + ".", f"http://{{}}:{others[0].port}/", sorted(ips(others)), zone=ZONE, ttl=5)
    answer = api.post("/api/v1/services", new, 201)
    assert answer["fqdn"] == name
    daemon.wait_log(rf"\[quorum\] {name} .*undecided -> up", times=2)
    daemon.wait_log(rf"{name}: added at run time")
    assert changes(api) == [f"service {name}: added"]
    assert api.post("/api/v1/services", new, 409)["error"] == f"{name} is there already"
    others[0].down()
    knot.wait_addresses(name, ips(others[1:]))
    daemon.reload()
    assert api.service(name)["endpoints"]
    daemon.wait_log(r"reloaded; what was changed at run time is still in force")
    daemon.kill()
    daemon.start()
    daemon.wait_log(rf"service {name}: added at run time \(.*/changes\.json\)")
    assert os.stat(f"{daemon.directory}/changes.json").st_mode & 0o777 == 0o600
    assert "its records are left" in api.delete(f"/api/v1/services/{name}")["text"]
    assert changes(api) == []
    assert api.request("GET", f"/api/v1/services/{name}").status == 404
    assert api.request("DELETE", f"/api/v1/services/{name}").status == 404
    assert knot.addresses(name) == ips(others[1:])
    # The other service never noticed.
    assert daemon.count(rf"{fqdn} .*up -> ") == 0


def test_an_endpoint_comes_and_goes(one, knot, endpoints, fqdn):
    daemon, api, webs = one()
    third = endpoints(1)[0]
    path = f"/api/v1/services/{fqdn}/endpoints"
    new = {"ipaddr": third.ip, "label": "third", "healthcheck": f"http://{{}}:{third.port}/"}
    assert api.post(path, new, 201)["ipaddr"] == third.ip
    knot.wait_addresses(fqdn, ips(webs) | {third.ip})
    assert api.endpoint(fqdn, third.ip)["label"] == "third"
    api.post(path, new, 409)
    answer = api.delete(f"{path}/{third.ip}")
    assert "drain an endpoint before it is removed" in answer["text"]
    assert changes(api) == []
    # One that stands in the file is remembered as removed.
    api.delete(f"{path}/{webs[1].ip}")
    assert changes(api) == [f"endpoint {fqdn} {webs[1].ip}: removed"]
    daemon.reload()
    assert [e["ipaddr"] for e in api.service(fqdn)["endpoints"]] == [webs[0].ip]
    answer = api.request("DELETE", f"{path}/{webs[0].ip}")
    assert answer.status == 400, answer
    assert api.service(fqdn)["endpoints"]
    # And back again: the same definition, though not the file's own.
    api.post(path, {"ipaddr": webs[1].ip}, 201)
    assert changes(api) == [f"endpoint {fqdn} {webs[1].ip}: replaced"]
    knot.wait_addresses(fqdn, ips(webs) | {third.ip})


def test_the_file_wins_and_says_so(one, knot, fqdn):
    daemon, api, webs = one()
    third = "127.0.201.9"
    path = f"/api/v1/services/{fqdn}/endpoints"
    api.post(path, {"ipaddr": third, "label": "by hand"}, 201)
    daemon.services[0]["ipaddrs"].append({"ipaddr": third, "label": "from the file"})
    daemon.write()
    daemon.reload()
    daemon.wait_log(rf"changes\.json: endpoint {fqdn} {third}: added at run time, but the file has it meanwhile")
    assert api.endpoint(fqdn, third)["label"] == "from the file"


def test_broken_changes_do_not_keep_it_from_starting(one, knot, fqdn):
    daemon, api, webs = one()
    path = f"{daemon.directory}/changes.json"
    broken = ["{", '[{"service":"x.example.org","added":{"fqdn":"x.example.org"}}]', "[1]", '{"a":1}']
    for text in broken:
        daemon.stop()
        with open(path, "w") as f:
            f.write(text)
        daemon.start()
        daemon.wait_log(r"undecided -> up", times=2)
        daemon.wait_log(r"changes\.json: .*set aside as .*changes\.json\.broken")
        assert not os.path.exists(path)
        assert changes(api) == []


@pytest.mark.parametrize(
    "body, words",
    [
        ("{", "no JSON"),
        ("[]", "must be a JSON object"),
        ({}, "fqdn"),
        ({"fqdn": "x.rrdnsd.test"}, "zone"),
        ({"fqdn": "x.rrdnsd.test", "zone": "other.test", "healthcheck": "tcp://{}:1", "ipaddrs": ["127.9.9.9"]}, "zone"),
        ({"fqdn": "x.rrdnsd.test", "zone": "rrdnsd.test", "healthcheck": "tcp://{}:1", "ipaddrs": []}, "ipaddrs"),
        ({"fqdn": "x.rrdnsd.test", "zone": "rrdnsd.test", "healthcheck": "gopher://{}", "ipaddrs": ["127.9.9.9"]}, "healthcheck"),
        ({"fqdn": "x.rrdnsd.test", "zone": "rrdnsd.test", "healthcheck": "tcp://{}:1", "ipaddrs": ["127.9.9.9"], "til": 5}, "did you mean"),
        ({"fqdn": "x.rrdnsd.test", "zone": "rrdnsd.test", "healthcheck": "tcp://{}:1", "ipaddrs": ["127.9.9.9"], "ttl": "5"}, "ttl"),
    ],
)
def test_a_bad_service_changes_nothing(one, fqdn, body, words):
    daemon, api, webs = one()
    answer = api.request("POST", "/api/v1/services", body)
    assert answer.status == 400 and words in answer.error, answer
    assert changes(api) == []
    assert [s["fqdn"] for s in api.status()["services"]] == [fqdn]


def test_bad_endpoints_and_nodes(one, fqdn):
    daemon, api, webs = one()
    path = f"/api/v1/services/{fqdn}/endpoints"
    for ip in ("", "x", "127.0.0.1:80", "::ffff:127.0.0.1", 7, None):
        answer = api.request("POST", path, {"ipaddr": ip})
        assert answer.status == 400 and "ipaddr" in answer.error, answer
    assert api.request("POST", path, {"ipaddr": "0.0.0.0"}).status == 400
    assert api.request("POST", "/api/v1/services/no.such.name/endpoints", {"ipaddr": "127.9.9.9"}).status == 404
    assert api.request("DELETE", f"{path}/127.9.9.9").status == 404
    assert api.request("DELETE", f"{path}/nonsense").status == 404
    for node in ("", "x", "127.0.0.1", 7):
        assert api.request("POST", "/api/v1/nodes", {"node": node}).status == 400
    # More than one node needs nodes_secret.
    answer = api.request("POST", "/api/v1/nodes", {"node": "127.0.0.1:9"})
    assert answer.status == 400 and "nodes_secret" in answer.error, answer
    own = daemon.options["local_node"]
    assert api.request("DELETE", f"/api/v1/nodes/{own}").status == 409
    assert api.request("DELETE", "/api/v1/nodes/127.0.0.1:9").status == 404
    assert changes(api) == []


def test_a_node_comes_and_goes(one, fqdn):
    daemon, api, webs = one(nodes_secret="a secret of forty characters, more or less")
    api.post("/api/v1/nodes", {"node": "[::1]:9"}, 201)
    quorum = api.status()["quorum"]
    assert (quorum["nodes"], quorum["needed"], quorum["have"]) == (2, 2, False)
    health = api.request("GET", "/health")
    assert health.status == 503 and health.json["status"] == "degraded"
    assert any("no quorum" in reason for reason in health.json["reasons"])
    api.delete("/api/v1/nodes/[::1]:9")
    assert api.status()["quorum"]["have"] is True
    wait_for(lambda: api.request("GET", "/health").status == 200, what="health")
    assert api.request("GET", "/health").json == {"status": "ok"}


def test_what_can_not_be_kept_is_not_done(one, fqdn):
    daemon, api, webs = one()
    os.rename(daemon.directory, daemon.directory + ".away")
    try:
        answer = api.request("POST", f"/api/v1/services/{fqdn}/endpoints", {"ipaddr": "127.9.9.9"})
        assert answer.status == 500 and "nothing was changed" in answer.error, answer
        assert len(api.service(fqdn)["endpoints"]) == 2
        assert changes(api) == []
    finally:
        os.rename(daemon.directory + ".away", daemon.directory)


def test_changes_by_the_socket(one, fqdn):
    daemon, api, webs = one()
    local = Api(daemon, local=True)
    body = json.dumps({"ipaddr": "127.9.9.9"})
    answer = local.request("POST", f"/api/v1/services/{fqdn}/endpoints", body, {"Content-Type": None})
    assert answer.status == 201, answer
    assert local.delete(f"/api/v1/services/{fqdn}/endpoints/127.9.9.9")


REACHES = [
    ({"healthcheck": "exec:/bin/touch {} %s"}, "healthcheck: it runs a program"),
    ({"update_credentials": "file:/etc/hostname"}, "update_credentials: it reads a file"),
    ({"tls_ca_file": "/etc/ssl/certs/ca-certificates.crt"}, "tls_ca_file: it reads a file"),
    ({"update_url": "https://127.0.0.1:1/", "update_method": "dynu"}, "update_url: it sends update_credentials"),
]


@pytest.mark.parametrize("more, words", REACHES, ids=["exec", "secret", "file", "url"])
def test_what_comes_by_the_api_gets_at_nothing_here(one, fqdn, tmp_path, more, words):
    daemon, api, webs = one(api_socket_mode="0666")
    made = tmp_path / "made-by-a-probe"
    new = service(f"x-{fqdn}", "tcp://{}:1", ["127.9.9.9"], zone=ZONE)
    new.update({k: v.replace("%s", str(made)) for k, v in more.items()})
    answer = api.request("POST", "/api/v1/services", new)
    assert answer.status == 403 and words in answer.error, answer
    if "healthcheck" in more:
        path = f"/api/v1/services/{fqdn}/endpoints"
        answer = api.request("POST", path, {"ipaddr": "127.9.9.9", "healthcheck": new["healthcheck"]})
        assert answer.status == 403 and words in answer.error, answer
    assert changes(api) == []
    assert not made.exists()


def test_who_could_anyway_may_by_the_socket(one, fqdn, tmp_path):
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        daemon, api, webs = one(api_socket=f"{directory}/sock", api_socket_mode="0666")
        new = service(f"x-{fqdn}", "exec:/bin/true {}", ["127.9.9.9"], zone=ZONE)
        argv = ["curl", "-s", "--unix-socket", f"{directory}/sock", "-d", json.dumps(new), "http://x/api/v1/services"]
        stranger = subprocess.run(argv, capture_output=True, text=True, user=65534, group=65534, extra_groups=[])
        assert "healthcheck: it runs a program" in stranger.stdout, stranger
        assert changes(api) == []
        Api(daemon, local=True).post("/api/v1/services", new, 201)
        daemon.wait_log(rf"x-{fqdn} .*undecided -> up")
