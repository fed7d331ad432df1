# SPDX-License-Identifier: ISC
"""What is special to PowerDNS."""

import contextlib
import re
import sqlite3
import time

import dns.message
from harness.api import Api
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


def with_ttls(pdns, sql):
    """PowerDNS keeps a TTL with each record; a DNS server should not show several in one set."""
    with contextlib.closing(sqlite3.connect(f"{pdns.directory}/pdns.db")) as db, db:
        db.execute(sql)


def test_records_of_different_ttls(make_server, rrdnsd, endpoints, fqdn):
    pdns = make_server("pdns")
    webs = endpoints(2)
    pdns.set(fqdn, ips(webs), ttl=5)
    with_ttls(pdns, f"UPDATE records SET ttl = 77 WHERE content = '{webs[1].ip}'")
    daemon = rrdnsd(pdns, [service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs), ttl=5)])
    daemon.wait_log(rf"{fqdn} A at {pdns.address}: .*: its records had different TTLs")
    assert {rrset.ttl for rrset in pdns.ask(dns.message.make_query(fqdn, "A")).answer} == {5}


def test_ttls_that_stay_different(make_server, rrdnsd, endpoints, fqdn):
    """The server says that it is done: told as what it is, and tried ever more seldom."""
    pdns = make_server("pdns")
    webs = endpoints(2)
    pdns.set(fqdn, ips(webs), ttl=5)
    ill = f"content = '{webs[1].ip}'"
    with_ttls(pdns, f"UPDATE records SET ttl = 77 WHERE {ill}")
    with_ttls(pdns, "CREATE TRIGGER stubborn AFTER INSERT ON records WHEN NEW."
                    f"{ill} BEGIN UPDATE records SET ttl = 77 WHERE {ill}; END")  # fmt: skip
    daemon = rrdnsd(pdns, [service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs), ttl=5)])
    daemon.wait_log(f"warning: {fqdn} A at {pdns.address}: update: answered with NOERROR, but nothing changed")
    time.sleep(3)
    assert daemon.count("different TTLs") == 0
    metrics = Api(daemon, local=True).request("GET", "/metrics").body.decode()
    assert 1 < sum(map(int, re.findall(r"^rrdnsd_updates_total{.*} (\d+)", metrics, re.M))) <= 4, metrics
