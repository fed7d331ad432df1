# SPDX-License-Identifier: ISC
"""Names and zones as they may be: signed, the apex, other letters, emptied by
hand."""

import dns.message
import dns.name
import dns.rdatatype
import pytest
from harness.daemon import service
from harness.nameserver import ZONE
from harness.process import wait_for


def ips(webs):
    return {web.ip for web in webs}


def signatures(server, name):
    """How many RRSIGs come with its A records."""
    query = dns.message.make_query(name, "A", want_dnssec=True)
    return sum(
        len(rrset) for rrset in server.ask(query).answer
        if rrset.rdtype == dns.rdatatype.RRSIG
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["knot", "bind"])
def test_signed_zone(make_server, publish, fqdn, kind):
    server = make_server(kind, signed=True)
    wait_for(lambda: signatures(server, f"ns.{ZONE}") > 0, 20, "the zone is signed")
    daemon, webs = publish(server, 3)
    webs[0].down()
    server.wait_addresses(fqdn, ips(webs[1:]))
    wait_for(lambda: signatures(server, fqdn) > 0, what="the new set is signed")
    webs[0].up()
    server.wait_addresses(fqdn, ips(webs))
    assert daemon.count("drift") == 0


def test_apex(server, rrdnsd, endpoints):
    webs = endpoints(2)
    server.set(ZONE, ips(webs))
    daemon = rrdnsd(
        server, [service(ZONE, f"http://{{}}:{webs[0].port}/", ips(webs), zone=ZONE)]
    )
    daemon.wait_log("undecided -> up", times=2)
    webs[0].down()
    server.wait_addresses(ZONE, ips(webs[1:]))
    query = dns.message.make_query(ZONE, "NS")
    assert server.ask(query).answer, "NS of the apex must survive"
    webs[0].up()
    server.wait_addresses(ZONE, ips(webs))
    server.set(ZONE, [])


def test_letters_and_final_dots(server, rrdnsd, endpoints, fqdn):
    """The server has the name in capitals, the file in both."""
    webs = endpoints(2)
    server.set(fqdn.upper(), ips(webs))
    one = service(
        fqdn.title() + ".", f"http://{{}}:{webs[0].port}/", ips(webs), zone=ZONE.upper() + "."
    )
    daemon = rrdnsd(server, [one])
    daemon.wait_log("undecided -> up", times=2)
    webs[0].down()
    server.wait_addresses(fqdn, ips(webs[1:]))
    webs[0].up()
    server.wait_addresses(fqdn, ips(webs))


def test_name_emptied_by_hand_is_filled_again(server, publish, fqdn):
    daemon, webs = publish(server, 2, reconcile_interval_ms=300)
    server.set(fqdn, [])
    server.wait_addresses(fqdn, ips(webs))
    server.edit(lambda update: update.delete(dns.name.from_text(fqdn)))
    server.wait_addresses(fqdn, ips(webs))
