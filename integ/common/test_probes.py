# SPDX-License-Identifier: ISC
"""How endpoints fail, and what the log says of it. One server will do."""

import os
import shutil
import ssl
import time

import pytest
from harness.ca import CertificateAuthority
from harness.daemon import is_instrumented, service
from harness.process import wait_for
from harness.web import Endpoint

HOST = "www.example.test"


@pytest.fixture
def probe(knot, rrdnsd, endpoints, fqdn):
    """probe(pattern, mode=..., ...) waits for what the log says."""

    def run(pattern, scheme="http", path="/", web=None, daemon=None, tls=None, mode="ok", body=b"ok\n", status=200, **options):
        web = web or endpoints(1, mode=mode, tls=tls, body=body)[0]
        web.status = status
        healthcheck = f"{scheme}://{{}}:{web.port}" + ("" if scheme == "tcp" else path)
        one = service(fqdn, healthcheck, [web.ip], fail_mode="closed", **options)
        process = rrdnsd(knot, [one], **(daemon or {}))
        process.wait_log(rf"{fqdn} {web.ip}: undecided -> {pattern}")
        return web

    return run


@pytest.mark.parametrize(
    "mode, reason",
    [
        ("hang", "response timeout"),
        ("mute", "response timeout"),
        ("reset", "connection reset"),
        ("close", "closed without a response"),
        ("drip", "response timeout"),
        ("garbage", "malformed response"),
        ("headers", "response header too large"),
    ],
)
def test_failures_are_told_apart(probe, mode, reason):
    probe(rf"down \(down: 1 of 1 nodes \({reason}\)", mode=mode)


def test_refused(probe, endpoints):
    web = endpoints(1)[0]
    web.down()
    probe(r"down \(down: 1 of 1 nodes \(connection refused\)", web=web)


def test_huge_body_is_read_in_part(probe):
    probe(r"up", mode="huge")


@pytest.mark.parametrize("status, verdict", [(200, "up"), (302, "up"), (404, "down .*status 404"), (503, "down .*status 503")])
def test_status(probe, status, verdict):
    probe(verdict, status=status)


def test_expected_status(probe):
    probe("up", status=404, expect_status="200,400-404")


def test_body_substring(probe):
    probe("up", body=b"all is well\n", expect_body="is well")


def test_body_does_not_match(probe):
    probe("down .*body did not match", body=b"all is well\n", expect_body="is bad")


def test_body_regex(probe):
    probe("up", body=b"status: 17 ok\n", expect_body_regex="^status: [0-9]+ ok$")


def test_body_regex_does_not_match(probe):
    probe("down .*body did not match", body=b"status: x ok\n", expect_body_regex="^status: [0-9]+ ok$")


def test_match_beyond_max_body_is_none(probe):
    probe("down .*body did not match", body=b"x" * 5000 + b"needle", expect_body="needle", max_body=4096)


def test_method_headers_and_host(probe):
    web = probe("up", method="HEAD", headers=["X-Probe: yes"], host=HOST, path="/health?full=1")
    request = web.requests[0]
    assert request.startswith("HEAD /health?full=1 HTTP/1.1\r\n")
    assert f"\r\nHost: {HOST}:{web.port}\r\n" in request
    assert "\r\nX-Probe: yes\r\n" in request


@pytest.mark.parametrize("follow", [False, True])
def test_address_as_host(probe, follow):
    web = probe("up", host="2001:db8::1", follow_redirects=follow)
    assert f"\r\nHost: [2001:db8::1]:{web.port}\r\n" in web.requests[0]


def test_tcp(probe):
    probe("up", scheme="tcp")


def test_tcp_refused(probe, endpoints):
    web = endpoints(1)[0]
    web.down()
    probe("down .*connection refused", scheme="tcp", web=web)


def test_redirects_are_not_followed(probe, endpoints):
    web = endpoints(1, mode="redirect")[0]
    web.location = "http://192.0.2.1/elsewhere"
    probe(r"down .*status 302", web=web, expect_status="200")


def test_redirect_to_the_same_host_stays_with_the_endpoint(probe, endpoints, fqdn):
    web, second = endpoints(1, mode="redirect")[0], None
    second = Endpoint(web.ip)
    try:
        web.location = f"http://{fqdn}:{second.port}/there"
        probe(r"up", web=web, expect_status="200", follow_redirects=True)
        assert second.requests[0].startswith("GET /there ")
    finally:
        second.down()


def test_redirect_to_another_host_fails(probe, endpoints):
    web = endpoints(1, mode="redirect")[0]
    web.location = "http://other.example.test/there"
    probe(r"down .*bad redirect", web=web, follow_redirects=True)


@pytest.mark.parametrize("connection", ["fresh", "reuse"])
def test_https(probe, ca, connection):
    web = probe("up", scheme="https", tls=ca.issue(HOST), host=HOST, tls_ca_file=ca.cert, connection=connection)
    assert f"Host: {HOST}:{web.port}" in web.requests[0]


def test_https_wrong_name(probe, ca):
    probe("down .*TLS name mismatch", scheme="https", tls=ca.issue("else.example.test"), host=HOST, tls_ca_file=ca.cert)


def test_https_expired(probe, ca):
    probe("down .*certificate expired", scheme="https", tls=ca.issue(HOST, days=3, clock="-20d"), host=HOST, tls_ca_file=ca.cert)


def test_https_not_yet_valid(probe, ca):
    probe("down .*certificate not yet valid", scheme="https", tls=ca.issue(HOST, clock="+5d"), host=HOST, tls_ca_file=ca.cert)


def test_https_unknown_ca(probe, ca):
    probe("down .*certificate from an unknown CA", scheme="https", tls=ca.issue(HOST), host=HOST)


def test_https_unverified(probe, ca):
    probe("up", scheme="https", tls=ca.issue("else.example.test"), host=HOST, tls_verify=False)


def test_https_to_a_plain_port(probe):
    probe("down .*TLS handshake timeout", scheme="https", host=HOST)


@pytest.mark.parametrize("mode, outcome", [("endless", "up"), ("ok", "up"), ("close", "down .*closed without a response"),
                                           ("reset", "down .*connection reset"), ("garbage", "down .*malformed response"),
                                           ("drip", "down .*response timeout"), ("mute", "down .*TLS handshake timeout")])  # fmt: skip
def test_https_answers(probe, ca, mode, outcome):
    """As over plain connections; nobody here says close_notify."""
    probe(outcome, scheme="https", tls=ca.issue(HOST), host=HOST, tls_ca_file=ca.cert, mode=mode, body=b"y" * 3)


def test_https_large_body(probe, ca):
    """Over many TLS records, which come several at once."""
    body = b"x" * 60000 + b"needle"
    probe("up", scheme="https", tls=ca.issue(HOST), host=HOST, tls_ca_file=ca.cert, body=body, expect_body="needle")


@pytest.mark.parametrize("connection", ["fresh", "reuse"])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_https_sessions_are_resumed(knot, rrdnsd, endpoints, fqdn, ca, version, connection):
    """One full handshake, then none until it is due: there a certificate that
    was replaced by a wrong one is noticed, over kept connections, too."""
    web = endpoints(1, tls=ca.issue(HOST), mode="keep" if connection == "reuse" else "ok")[0]
    web.context.minimum_version = web.context.maximum_version = version
    one = service(fqdn, f"https://{{}}:{web.port}/", [web.ip], host=HOST, tls_ca_file=ca.cert,
                  tls_full_interval_ms=3000, connection=connection, fail_mode="closed")  # fmt: skip
    daemon = rrdnsd(knot, [one])
    daemon.wait_log(rf"{fqdn} {web.ip}: undecided -> up")
    wait_for(lambda: len(web.requests) >= 6, 10, "probes")
    web.present(ca.issue("else.example.test"))
    daemon.wait_log(rf"{fqdn} {web.ip}: up -> down .*TLS name mismatch")
    assert not web.handshakes[0]
    if connection == "fresh":
        assert True in web.handshakes[:6]
    else:
        assert len(web.handshakes) < len(web.requests)


def test_https_always_in_full(probe, ca, endpoints):
    web = endpoints(1, tls=ca.issue(HOST))[0]
    probe("up", web=web, scheme="https", host=HOST, tls_ca_file=ca.cert, tls_full_interval_ms=0)
    wait_for(lambda: len(web.handshakes) >= 6, 10, "probes")
    assert True not in web.handshakes


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("mode", ["keep", "stale"])
def test_kept_connections(probe, endpoints, ca, mode, scheme):
    """One that was closed behind our back is no failure of the endpoint."""
    web = endpoints(1, mode=mode, tls=ca.issue(HOST) if scheme == "https" else None)[0]
    accepted, serve = [], web.serve
    web.serve = lambda connection: (accepted.append(1), serve(connection))
    probe("up", web=web, scheme=scheme, host=HOST, tls_ca_file=ca.cert, connection="reuse", rise=8, fall=1)
    assert len(web.requests) >= 8
    assert len(accepted) == 1 if mode == "keep" else len(accepted) >= 8


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_client_certificate_is_missed(probe, ca, endpoints, version):
    web = endpoints(1, tls=ca.issue(HOST))[0]
    web.context.minimum_version = web.context.maximum_version = version
    web.context.load_verify_locations(ca.cert)
    web.context.verify_mode = ssl.CERT_REQUIRED
    probe("down .*TLS handshake failed", web=web, scheme="https", host=HOST, tls_ca_file=ca.cert)


def test_client_certificate_is_renewed(probe, ca, endpoints, tmp_path):
    """A file that was replaced is read with the next full handshake."""
    web = endpoints(1, tls=ca.issue(HOST))[0]
    web.context.load_verify_locations(ca.cert)
    web.context.verify_mode = ssl.CERT_REQUIRED
    other = CertificateAuthority(tmp_path / "other", name="another CA")
    cert, key = tmp_path / "client.pem", tmp_path / "client.key"
    for path, source in zip((cert, key), other.issue("client.example.test")):
        shutil.copy(source, path)
    probe("down .*TLS handshake failed", web=web, scheme="https", host=HOST, tls_ca_file=ca.cert,
          tls_client_cert=str(cert), tls_client_key=str(key))  # fmt: skip
    for path, source in zip((cert, key), ca.issue("client.example.test")):
        shutil.copy(source, f"{path}.new")
        os.rename(f"{path}.new", path)
    wait_for(lambda: web.requests, 10, "a probe with the new certificate")


def test_certificate_that_ends_soon_is_reported(knot, rrdnsd, endpoints, fqdn, ca):
    web = endpoints(1, tls=ca.issue(HOST, days=10))[0]
    one = service(fqdn, f"https://{{}}:{web.port}/", [web.ip], host=HOST, tls_ca_file=ca.cert, tls_min_days=20)
    daemon = rrdnsd(knot, [one])
    daemon.wait_log(rf"{fqdn} {web.ip}: the certificate ends in (9|10) days \(tls_min_days 20\)")
    daemon.wait_log(rf"{fqdn} {web.ip}: undecided -> up")


def test_client_certificate(probe, ca):
    cert, key = ca.issue("client.example.test")
    probe("up", scheme="https", tls=ca.issue(HOST), host=HOST, tls_ca_file=ca.cert, tls_client_cert=cert, tls_client_key=key)


def test_too_few_descriptors_are_no_vote(knot, rrdnsd, endpoints, fqdn):
    """What hangs needs more descriptors than there are: said, and nobody's
    fault but ours."""
    webs = endpoints(60, mode="hang")
    one = service(fqdn, f"http://{{}}:{webs[0].port}/", [web.ip for web in webs], fall=1000)
    daemon = rrdnsd(knot, [one], argv=["--dry-run"], prefix=["prlimit", "--nofile=40:40"])
    daemon.wait_log(r"\[prober\] warning: .*no file descriptor left; [0-9]+ probes failed on our own side")
    assert not daemon.count(r"undecided -> ")


CONFINE = """
import errno, os, seccomp, sys
confined = seccomp.SyscallFilter(seccomp.ALLOW)
confined.add_rule(seccomp.ERRNO(errno.ENOBUFS), "sendto")
confined.add_rule(seccomp.ERRNO(errno.ENOBUFS), "write", seccomp.Arg(0, seccomp.GT, 2))
confined.load()
os.execvp(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.skipif("is_instrumented()", reason="valgrind writes, too")
@pytest.mark.parametrize("probe", ["http", "https", "dns"])
def test_no_memory_to_send_is_no_vote(knot, rrdnsd, endpoints, fqdn, ca, probe):
    """The kernel had none for us: connections are there, nothing goes out."""
    web = endpoints(1, tls=ca.issue(HOST) if probe == "https" else None)[0]
    url = f"dns://{{}}:{web.port}" if probe == "dns" else f"{probe}://{{}}:{web.port}/"
    more = {"host": HOST, "tls_ca_file": ca.cert} if probe == "https" else {}
    one = service(fqdn, url, [web.ip], fail_mode="closed", **more)
    daemon = rrdnsd(knot, [one], argv=["--dry-run"], prefix=["/usr/bin/python3", "-c", CONFINE])
    daemon.wait_log(r"\[prober\] warning: .*out of memory; .*on our own side")
    time.sleep(2)
    assert not daemon.count(r"undecided -> ")


def test_probe_of_an_address_without_a_way_is_no_vote(knot, rrdnsd, fqdn):
    """A local fault counts neither way: without a route nothing is known."""
    one = service(fqdn, "http://{}:80/", ["192.0.2.1"], fail_mode="closed")
    knot.set(fqdn, ["192.0.2.1"])
    daemon = rrdnsd(knot, [one], argv=["--dry-run"], prefix=["unshare", "-n"])
    daemon.wait_log(r"no route from here", times=8)
    assert not daemon.count(r"undecided -> ")
    assert knot.addresses(fqdn) == {"192.0.2.1"}
