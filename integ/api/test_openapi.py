# SPDX-License-Identifier: ISC
"""docs/openapi.yaml: sound by itself, and what the daemon really does."""

import http.client
import os
import re
import subprocess

import pytest
from harness.api import TOKEN, Api
from harness.daemon import service
from harness.nameserver import ZONE
from harness.npm import install, start_prism
from harness.process import wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
DESCRIPTION = f"{HERE}/../../docs/openapi.yaml"


@pytest.fixture(scope="session")
def tools(tmp_path_factory):
    return install(HERE, tmp_path_factory, "api-tools")


def test_the_description_is_sound(tools):
    done = subprocess.run(
        [f"{tools}/redocly", "lint", "--extends", "recommended-strict", DESCRIPTION],
        capture_output=True, text=True, timeout=120,
        env=dict(os.environ, REDOCLY_TELEMETRY="off", REDOCLY_SUPPRESS_UPDATE_NOTICE="true"),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


class Through(Api):
    """All requests go through Prism, which objects to what is not described."""

    url = None

    def connect(self):
        host, port = self.url.removeprefix("http://").split(":")
        return http.client.HTTPConnection(host, int(port), timeout=30)


@pytest.fixture
def through(tools, publish, knot, tmp_path):
    made = []

    def make(n=3, **options):
        daemon, webs = publish(knot, n, api_token=TOKEN, nodes_secret="x" * 40, **options)
        api = Through(daemon)
        node = daemon.options["local_node"]
        api.url, process = start_prism(f"{tools}/prism", str(tmp_path / "prism.log"), "proxy", DESCRIPTION, f"http://{node}")
        made.append(process)
        api.prism = process
        return daemon, api, webs

    yield make
    for process in made:
        process.stop()


def violations(process):
    return [x for x in process.text().splitlines() if re.search(r"[Vv]iolation|terminated with error", x)]


def test_every_answer_is_as_described(through, endpoints, knot, fqdn):
    daemon, api, webs = through()
    one = f"/api/v1/services/{fqdn}"
    path = f"{one}/endpoints/{webs[0].ip}"
    for word in ("drain", "auto", "up", "auto", "down"):
        api.intent(fqdn, webs[0].ip, word, reason="try it", by="alice", for_s=60)
        api.status()
    api.post(f"{one}/intent", {"intent": "maintenance"})
    api.post("/api/v1/freeze", {"on": True, "for_s": 5})
    api.status()
    api.service(fqdn)
    api.post("/api/v1/freeze", {"on": False})
    api.post(f"{one}/intent", {"intent": "auto"})
    api.post(f"{one}/failover", {"to": 0})
    api.post(f"{one}/failover", {"to": webs[1].ip})
    api.post(f"{one}/refresh", {}, 202)
    api.post(f"{path}/check", {}, 202)
    api.post(f"{one}/endpoints", {"ipaddr": "127.9.9.9", "label": "new"}, 201)
    api.status()
    api.delete(f"{one}/endpoints/127.9.9.9")
    name = "new-" + fqdn
    api.post("/api/v1/services", service(name, "tcp://{}:9", ["127.9.9.8"], zone=ZONE), 201)
    api.status()
    api.delete(f"/api/v1/services/{name}")
    api.post("/api/v1/nodes", {"node": "127.0.0.1:9"}, 201)
    api.status()
    assert api.request("GET", "/health").status == 503
    api.delete("/api/v1/nodes/127.0.0.1:9")
    api.get("/api/v1/events?since=0&limit=10000")
    assert api.request("GET", "/metrics").status == 200
    # What is refused is described, too.
    assert api.request("GET", "/api/v1/services/no.such.name").status == 404
    assert api.request("POST", f"{one}/endpoints/127.9.9.9/intent", {"intent": "up"}).status == 404
    assert api.request("POST", f"{one}/failover", {"to": 7}).status == 404
    assert api.request("POST", "/api/v1/services", service(fqdn, "tcp://{}:9", ["127.9.9.8"], zone=ZONE)).status == 409
    assert api.request("POST", "/api/v1/freeze", {"on": True}, {"Authorization": "Bearer no"}).status == 401
    webs[1].down()
    webs[2].down()
    daemon.wait_log(r"up -> down", times=2)
    api.status()
    api.get("/api/v1/events?limit=10000")
    assert violations(api.prism) == []


def test_prism_would_object(through, fqdn):
    """The check above can fail."""
    daemon, api, webs = through(1)
    answer = api.request("POST", f"/api/v1/services/{fqdn}/intent", {"intent": "drain"})
    assert answer.status == 422
    wait_for(lambda: violations(api.prism), what="an objection in the log")
