# SPDX-License-Identifier: ISC
"""What is special to PowerDNS."""

import time

from harness.daemon import service


def ips(webs):
    return {web.ip for web in webs}


def test_stale_answers_of_its_caches(make_server, rrdnsd, endpoints, fqdn):
    """With its default caches PowerDNS may answer up to 20 s stale. What is
    written rests on what is stored, not on what was read."""
    pdns = make_server("pdns", caches=True)
    webs = endpoints(2)
    daemon = rrdnsd(pdns, [service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs), ttl=5)],
                    reconcile_interval_ms=2000)
    pdns.wait_addresses(fqdn, ips(webs), timeout=30)
    webs[0].down()
    pdns.wait_addresses(fqdn, ips(webs[1:]), timeout=60)
    webs[0].up()
    pdns.wait_addresses(fqdn, ips(webs), timeout=60)
    time.sleep(1)
    assert pdns.addresses(fqdn) == ips(webs)
    assert not daemon.count("would leave no record")


def test_many_changes_at_once(pdns, rrdnsd, endpoints, fqdn):
    """PowerDNS makes about 300 changes a second: slow is no failure."""
    webs = endpoints(2)
    names = [f"p{i}.{fqdn}" for i in range(150)]
    rrdnsd(pdns, [service(n, f"http://{{}}:{webs[0].port}/", ips(webs), zone="rrdnsd.test") for n in names])
    for name in names:
        pdns.wait_addresses(name, ips(webs), timeout=60)
    webs[0].down()
    for name in names:
        pdns.wait_addresses(name, ips(webs[1:]), timeout=60)
