# SPDX-License-Identifier: ISC
"""What servers refuse, told apart in words; DNS stays as it was."""

import pytest
from harness.daemon import service
from harness.nameserver import ALGORITHMS, LIMITED_NAME, secret_of

# PowerDNS answers all of these without a TSIG.
UNSIGNED = r"the key, its algorithm, its secret or the clock is not right for the server"


def ips(webs):
    return {web.ip for web in webs}


def words(server, by_kind):
    return by_kind.get(server.kind, by_kind.get("", None))


def start(server, rrdnsd, endpoints, fqdn, **options):
    """A name that lacks one record, which rrdnsd would like to add."""
    webs = endpoints(2)
    server.set(fqdn, ips(webs[:1]), ttl=5)
    one = service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs), ttl=5, zone=options.pop("zone", None))
    return rrdnsd(server, [one], **options), webs


def refused(server, rrdnsd, endpoints, fqdn, pattern, **options):
    daemon, webs = start(server, rrdnsd, endpoints, fqdn, **options)
    daemon.wait_log(pattern)
    assert server.addresses(fqdn) == ips(webs[:1])
    return daemon


def test_unsigned(server, rrdnsd, endpoints, fqdn):
    refused(server, rrdnsd, endpoints, fqdn,
            r"update: .*(unsigned|wants a signed request)", update_credentials="")


def test_wrong_secret(server, rrdnsd, endpoints, fqdn):
    pattern = words(server, {"pdns": UNSIGNED,
                             "": r"wrong secret for the key rrdnsd-key \(NOTAUTH, BADSIG\)"})
    refused(server, rrdnsd, endpoints, fqdn, pattern,
            update_credentials=server.credentials(secret=secret_of("other")))


def test_unknown_key(server, rrdnsd, endpoints, fqdn):
    pattern = words(server, {"pdns": UNSIGNED,
                             "": r"the key nobody with hmac-sha256 is unknown to the server"})
    refused(server, rrdnsd, endpoints, fqdn, pattern,
            update_credentials=f"hmac-sha256:nobody:{secret_of('nobody')}")


def test_wrong_algorithm(server, rrdnsd, endpoints, fqdn):
    pattern = words(server, {"pdns": UNSIGNED,
                             "": r"the key rrdnsd-key with hmac-sha512 is unknown to the server"})
    refused(server, rrdnsd, endpoints, fqdn, pattern,
            update_credentials=server.credentials(algorithm="hmac-sha512"))


@pytest.mark.parametrize("ahead", [600, -600])
def test_clock_off_by_ten_minutes(server, make_server, rrdnsd, endpoints, fqdn, ahead):
    own = make_server(server.kind, clock=ahead)
    webs = endpoints(1)
    daemon = rrdnsd(own, [service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs))])
    daemon.wait_log(words(server, {
        "pdns": UNSIGNED,
        "": r"the server's clock differs by (59\d|60\d) s: it is "
            + ("ahead of" if ahead > 0 else "behind") + r" ours"}))
    assert own.addresses(fqdn) == set()


def test_refused_by_policy(server, rrdnsd, endpoints, fqdn):
    pattern = words(server, {
        "knot": r"limited-key with hmac-sha256 is unknown to the server, or not allowed for this name",
        "": r"refused by the server's update policy"})
    refused(server, rrdnsd, endpoints, fqdn, pattern,
            update_credentials=server.credentials("limited-key"))


@pytest.mark.parametrize("kind", ["bind", "knot"])  # PowerDNS has no such policy
def test_policy_by_name_does_not_hinder_others(request, rrdnsd, endpoints, fqdn, kind):
    """A name that may not be changed travels alone; the others go on."""
    server = request.getfixturevalue(kind)
    webs = endpoints(2)
    server.set(LIMITED_NAME, [])
    services = [service(name, f"http://{{}}:{webs[0].port}/", ips(webs), ttl=5)
                for name in (fqdn, LIMITED_NAME)]
    daemon = rrdnsd(server, services, update_credentials=server.credentials("limited-key"))
    server.wait_addresses(LIMITED_NAME, ips(webs), timeout=20)
    assert server.addresses(fqdn) == set()
    daemon.wait_log(rf"\[updater\] warning: {fqdn} A at ")


def test_zone_not_there(server, rrdnsd, endpoints):
    webs = endpoints(1)
    daemon = rrdnsd(server, [service("www.elsewhere.test", f"http://{{}}:{webs[0].port}/", ips(webs))])
    daemon.wait_log(r"www\.elsewhere\.test A at .*(REFUSED|NOTAUTH|not authoritative)")


def test_alias(server, rrdnsd, endpoints, fqdn):
    import dns.name

    owner = dns.name.from_text(fqdn)
    server.edit(lambda update: update.add(owner, 60, "CNAME", "ns.rrdnsd.test."))
    webs = endpoints(1)
    daemon = rrdnsd(server, [service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs))])
    daemon.wait_log(r"the name is an alias \(CNAME\)")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm(server, rrdnsd, endpoints, fqdn, algorithm):
    daemon, webs = start(server, rrdnsd, endpoints, fqdn,
                         update_credentials=server.credentials(f"key-{algorithm}"))
    server.wait_addresses(fqdn, ips(webs))


def test_bind_key_file(server, rrdnsd, endpoints, fqdn, tmp_path):
    path = tmp_path / "bind.key"
    path.write_text(f'key "rrdnsd-key" {{\n\talgorithm hmac-sha256;\n\tsecret "{secret_of("rrdnsd-key")}";\n}};\n')
    path.chmod(0o600)
    daemon, webs = start(server, rrdnsd, endpoints, fqdn, update_credentials=f"file:{path}")
    server.wait_addresses(fqdn, ips(webs))
    assert secret_of("rrdnsd-key") not in daemon.log()


def test_ipv6_server(server, make_server, rrdnsd, endpoints, fqdn):
    own = make_server(server.kind, ip="::1")
    webs = endpoints(2)
    rrdnsd(own, [service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs))])
    own.wait_addresses(fqdn, ips(webs))


def test_parent_zone_at_any_depth(server, rrdnsd, endpoints, fqdn):
    webs = endpoints(1)
    name = f"a.b.c.{fqdn}"
    rrdnsd(server, [service(name, f"http://{{}}:{webs[0].port}/", ips(webs), zone="rrdnsd.test")])
    server.wait_addresses(name, ips(webs))


def test_wildcard_answers_for_the_name(server, rrdnsd, endpoints, fqdn):
    """What is read is not what is stored: the record is made all the same."""
    server.set(f"*.{fqdn}", ["192.0.2.9"])
    webs = endpoints(1)
    name = f"www.{fqdn}"
    rrdnsd(server, [service(name, f"http://{{}}:{webs[0].port}/", ips(webs), zone="rrdnsd.test")])
    server.wait_addresses(name, ips(webs) | {"192.0.2.9"}, timeout=15)


def test_tcp_only(server, make_server, rrdnsd, endpoints, fqdn, drop_udp):
    own = make_server(server.kind)
    drop_udp(own)
    webs = endpoints(2)
    rrdnsd(own, [service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs))])
    own.wait_addresses(fqdn, ips(webs), timeout=15)
    webs[0].down()
    own.wait_addresses(fqdn, ips(webs[1:]))
