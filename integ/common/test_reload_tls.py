# SPDX-License-Identifier: ISC
"""Files of TLS whose content changes while their names stay."""

import shutil
import ssl

import pytest
from harness.ca import CertificateAuthority
from harness.daemon import service
from harness.nameserver import ZONE
from harness.process import wait_for

HOST = "www.example.test"


def append(path, more):
    with open(path, "a") as f, open(more) as g:
        f.write(g.read())


@pytest.fixture
def next_ca(tmp_path):
    return CertificateAuthority(tmp_path / "next", "the next CA")


# libcurl is for those that follow redirects alone.
@pytest.mark.parametrize("engine", [{}, {"follow_redirects": True}], ids=["own", "libcurl"])
def test_another_authority(knot, rrdnsd, endpoints, fqdn, ca, next_ca, tmp_path, engine):
    """It is trusted after a SIGHUP, whose file is as before: no endpoint that
    goes over to it has failed."""
    bundle = tmp_path / "bundle.pem"
    append(bundle, ca.cert)
    web = endpoints(1, tls=ca.issue(HOST))[0]
    one = service(fqdn, f"https://{{}}:{web.port}/", [web.ip], host=HOST,
                  tls_ca_file=str(bundle), tls_full_interval_ms=0, **engine)  # fmt: skip
    daemon = rrdnsd(knot, [one], log_level="debug")
    daemon.wait_log(rf"{fqdn} {web.ip}: undecided -> up")
    append(bundle, next_ca.cert)
    daemon.reload()
    web.present(next_ca.issue(HOST))
    before = len(web.requests)
    wait_for(lambda: len(web.requests) > before + 10, what="ten probes more")
    daemon.wait_log("bundle.pem: read anew")
    assert daemon.count("certificate") == 0, daemon.log()
    assert daemon.count("up -> down") == 0


@pytest.mark.parametrize("engine", [{}, {"follow_redirects": True}], ids=["own", "libcurl"])
def test_each_service_has_authorities_of_its_own(knot, rrdnsd, endpoints, fqdn, ca, next_ca, engine):
    """Both speak through the same libcurl, which would keep what it read first."""
    webs = endpoints(2, tls=ca.issue(HOST))
    services = [
        service(f"{name}.{fqdn}", f"https://{{}}:{web.port}/", [web.ip], zone=ZONE, host=HOST,
                tls_ca_file=trusted.cert, tls_full_interval_ms=0, **engine)
        for name, web, trusted in (("a", webs[0], ca), ("b", webs[1], next_ca))
    ]  # fmt: skip
    daemon = rrdnsd(knot, services[:1])
    daemon.wait_log(rf"a.{fqdn} .*: undecided -> up")
    daemon.services.append(services[1])
    daemon.write()
    daemon.reload()
    daemon.wait_log(rf"b.{fqdn} .*: undecided -> down .*certificate from an unknown CA")


def shown(daemon):
    host, port = daemon.options["local_node"].rsplit(":", 1)
    return ssl.get_server_certificate((host, int(port)))


def test_the_own_certificate_is_renewed(knot, publish, ca, tmp_path):
    files = [str(tmp_path / name) for name in ("own.pem", "own.key")]

    def install(days):
        for source, target in zip(ca.issue("127.0.0.1", days), files):
            shutil.copy(source, target)

    install(10)
    daemon, webs = publish(knot, tls_cert=files[0], tls_key=files[1])
    first = shown(daemon)
    daemon.reload()
    assert shown(daemon) == first
    install(20)
    assert shown(daemon) == first
    daemon.reload()
    assert shown(daemon) != first
    second = shown(daemon)
    with open(files[1], "w") as f:
        f.write("no key\n")
    daemon.reload(wait="not reloaded .*going on as before")
    assert shown(daemon) == second
