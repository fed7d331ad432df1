# SPDX-License-Identifier: ISC
"""What is special to BIND."""

from harness.daemon import service


def ips(webs):
    return {web.ip for web in webs}


def test_rrset_beyond_its_limit(bind, rrdnsd, endpoints, fqdn):
    """BIND answers SERVFAIL to an RRset of more than 100 records: that name
    fails and says so, the others of the zone go on."""
    webs = endpoints(2)
    many = [f"127.9.{i // 200}.{i % 200 + 1}" for i in range(120)]
    large = service(f"large.{fqdn}", f"tcp://{{}}:{webs[0].port}", many, zone="rrdnsd.test")
    small = service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs))
    # All of them are down: "restore" wants them all present.
    daemon = rrdnsd(bind, [large, small], reconcile_interval_ms=3000)
    daemon.wait_log(rf"large\.{fqdn}: the whole service is down", timeout=20)
    bind.wait_addresses(fqdn, ips(webs), timeout=20)
    daemon.wait_log(rf"large\.{fqdn} A at .*(SERVFAIL|the server failed)", timeout=20)
    webs[0].down()
    bind.wait_addresses(fqdn, ips(webs[1:]), timeout=20)
    assert bind.addresses(f"large.{fqdn}") == set()


def test_another_zone_of_the_same_server(bind, rrdnsd, endpoints, fqdn):
    webs = endpoints(2)
    check = f"http://{{}}:{webs[0].port}/"
    rrdnsd(bind, [service(fqdn, check, ips(webs)), service("www.other.test", check, ips(webs))])
    bind.wait_addresses(fqdn, ips(webs))
    bind.wait_addresses("www.other.test", ips(webs))
