# SPDX-License-Identifier: ISC
"""Every request to DigitalOcean, held against DigitalOcean's own description."""

import http.client
import os
import re

import pytest
from harness.daemon import service
from harness.npm import install, start_prism
from harness.process import wait_for

HERE = os.path.dirname(__file__)
DESCRIPTION = f"{HERE}/digitalocean-domains.openapi.yaml"


@pytest.fixture(scope="session")
def prism_cli(tmp_path_factory):
    return install(HERE, tmp_path_factory, "prism") + "/prism"


@pytest.fixture
def prism(prism_cli, tmp_path):
    """prism("mock") or prism("proxy", URL) gives (base URL, process)."""
    made = []

    def make(command, *argv):
        url, process = start_prism(prism_cli, str(tmp_path / "prism.log"), command, DESCRIPTION, *argv)
        made.append(process)
        return url, process

    yield make
    for process in made:
        process.stop()


def ips(webs):
    return {web.ip for web in webs}


def violations(process):
    """What Prism had to object to: requests, and answers of our own server."""
    objection = r"terminated with error|[Vv]iolation|HTTP SERVER.* (error|warning) "
    return [line for line in process.text().splitlines() if re.search(objection, line)]


def test_every_request_is_as_described(prism, make_api, hosted, fqdn):
    """All that rrdnsd ever sends, through Prism to a server that has state."""
    api = make_api("digitalocean")
    api.per_page = 2
    url, process = prism("proxy", api.url)
    daemon, webs = hosted(api, 3, update_url=url, reconcile_interval_ms=1000)
    api.wait_addresses(fqdn, ips(webs))
    webs[0].down()
    wait_for(lambda: sorted(r["addr"] for r in api.of(fqdn).values()) == sorted(ips(webs[1:])), 15)  # none twice
    webs[0].up()
    api.wait_addresses(fqdn, ips(webs))
    api.set(fqdn, ips(webs[:1]), ttl=900)
    api.wait_addresses(fqdn, ips(webs))
    wait_for(lambda: {r["ttl"] for r in api.of(fqdn).values()} == {30}, 20)
    wait_for(lambda: all(map(api.count, ("GET", "POST", "PATCH", "DELETE"))), 5, f"all methods in {api.answers}")
    assert violations(process) == []
    assert api.count(status=200) + api.count(status=201) + api.count(status=204) == len(api.answers)


def test_prism_would_object(prism, make_api):
    """The check above can fail."""
    api = make_api("digitalocean")
    url, process = prism("proxy", api.url)
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    headers = {"Authorization": f"Bearer {api.token}", "Content-Type": "application/json"}
    connection.request("POST", "/v2/domains/rrdnsd.test/records", '{"name": "www"}', headers)
    assert connection.getresponse().status == 422
    wait_for(lambda: violations(process), what="an objection in the log")
    assert not api.answers


def test_the_vendors_examples(prism, rrdnsd, endpoints):
    """Prism answers with the examples of the description, whatever happens."""
    url, process = prism("mock")
    webs = endpoints(1)
    one = service("example.com", f"http://{{}}:{webs[0].port}/", ips(webs), zone="example.com", ttl=30)
    daemon = rrdnsd(
        None, [one], update_method="digitalocean", update_url=url, update_credentials="token"
    )
    # The list of the example has 1.2.3.4, and never what was added.
    daemon.wait_log(r"example.com A at .*: update: answered as done, but nothing changed", timeout=20)
    wait_for(lambda: "post /v2/domains/example.com/records" in process.text(), what="the request in the log")
    assert violations(process) == []
