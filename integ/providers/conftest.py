# SPDX-License-Identifier: ISC
import pytest
from harness.daemon import service
from harness.dnsapi import APIS


@pytest.fixture
def make_api():
    made = []

    def make(kind, **options):
        made.append(APIS[kind](**options))
        return made[-1]

    yield make
    for api in made:
        api.stop()


@pytest.fixture(params=sorted(APIS))
def api(request, make_api):
    """Each test that asks for it runs against both."""
    return make_api(request.param)


@pytest.fixture
def hosted(rrdnsd, endpoints, fqdn):
    """n endpoints, their records at an API, and rrdnsd that has seen all of
    them up. Returns (rrdnsd, endpoints)."""

    def make(api, n=2, wait=True, **options):
        webs = endpoints(n)
        api.set(fqdn, [web.ip for web in webs])
        one = service(
            fqdn, f"http://{{}}:{webs[0].port}/", [web.ip for web in webs], ttl=30,
            **options.pop("service", {}),
        )  # fmt: skip
        daemon = rrdnsd(None, [one], **api.options(**options))
        if wait:
            daemon.wait_log(r"undecided -> up", times=n)
        return daemon, webs

    return make
