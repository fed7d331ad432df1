# SPDX-License-Identifier: ISC
"""Programs and exit statuses of design.md section 5."""

import json
import os

import pytest
from harness.daemon import run

GOOD = """conf_version = 1;
local_node = "192.0.2.10:3333";
nodes = ( "192.0.2.10:3333" );
update_resolvers = ( "192.0.2.53:53" );
services = (
  { fqdn = "www.example.org"; zone = "example.org"; ttl = 30;
    healthcheck = "http://{}:80/"; ipaddrs = ( "192.0.2.1", "2001:db8::1" ); }
);
"""


@pytest.fixture
def conf(tmp_path):
    def write(text):
        path = tmp_path / "rrdnsd.conf"
        path.write_text(text)
        return str(path)

    return write


def test_version_and_help():
    status, out, _ = run("-V")
    assert status == 0 and out.startswith("rrdnsd ")
    status, out, _ = run("-h")
    assert status == 0 and out.startswith("usage: rrdnsd ")


@pytest.mark.parametrize("argv", [["-x"], ["--nonsense"], ["-c"], ["extra"]])
def test_usage(argv):
    status, out, err = run(*argv)
    assert status == 2 and out == "" and "usage: rrdnsd" in err


def test_check(conf):
    status, out, err = run("-n", "-c", conf(GOOD))
    assert (status, err) == (0, "")
    assert "interval 1 x fall 3 + timeout 1 + gossip 0 + update 5 + ttl 30" in out


def test_conf_from_the_environment(conf):
    status, out, _ = run("-n", env={"CONF": conf(GOOD)})
    assert status == 0 and "www.example.org" in out


def test_local_node_from_the_environment(conf):
    status, _, err = run("-n", "-c", conf(GOOD), env={"LOCAL_NODE": "192.0.2.11:3333"})
    assert status == 1 and "local_node" in err


def test_all_errors_are_reported(conf):
    bad = GOOD.replace("ttl = 30", "ttl = -1").replace("192.0.2.53:53", "192.0.2.300")
    path = conf(bad.replace("nodes = ", "nodez = ") + "unknown_key = 1;\n")
    status, out, err = run("-c", path)
    assert status == 1 and out == ""
    for line in (3, 4, 6, 9):
        assert f"{path}:{line}: " in err, err
    assert "did you mean" in err


def test_world_readable_secret_is_refused(conf, tmp_path):
    key = tmp_path / "tsig.key"
    key.write_text("hmac-sha256:k:c2VjcmV0c2VjcmV0\n")
    key.chmod(0o644)
    path = conf(GOOD + f'update_credentials = "file:{key}";\n')
    status, _, err = run("-n", "-c", path)
    assert status == 1 and str(key) in err and "c2VjcmV0" not in err
    key.chmod(0o640)
    assert run("-n", "-c", path)[0] == 0


def test_key_of_another_certificate_is_refused(conf, ca):
    cert, key = ca.issue("one.example.test")
    other = ca.issue("other.example.test")[1]
    path = conf(GOOD + f'tls_client_cert = "{cert}";\ntls_client_key = "{other}";\n')
    status, _, err = run("-n", "-c", path)
    assert status == 1 and "tls_client_cert: " in err and "belong to the certificate" in err
    path = conf(GOOD + f'tls_client_cert = "{cert}";\ntls_client_key = "{key}";\n')
    assert run("-n", "-c", path)[0] == 0


def test_missing_file():
    status, _, err = run("-c", "/nonexistent/rrdnsd.conf")
    assert status == 1 and "/nonexistent/rrdnsd.conf" in err


def test_import_is_accepted(conf, tmp_path):
    rust = {
        "_comment": "Keys starting with underscore are ignored.",
        "conf_version": 1,
        "local_node": "127.0.0.1:3333",
        "nodes": ["127.0.0.1:3333"],
        "nodes_protocol": "http",
        "services": [
            {
                "fqdn": "rrdnsd.test",
                "healthcheck": "http://{}:8778/",
                "ipaddrs": ["127.0.0.2", "127.0.0.3"],
                "ttl": 5,
                "zone": "rrdnsd.test",
            }
        ],
        "probe_interval_ms": 1000,
        "update_method": "nsupdate",
        "update_credentials": "",
        "update_resolvers": ["127.0.0.1:5454"],
    }
    path = tmp_path / "rust.json"
    path.write_text(json.dumps(rust))
    status, out, err = run("--import", str(path))
    assert (status, err) == (0, "")
    assert run("-n", "-c", conf(out))[0] == 0


def test_import_of_garbage(tmp_path):
    path = tmp_path / "rust.json"
    path.write_text('{"conf_version": 1,')
    status, out, err = run("--import", str(path))
    assert status == 1 and str(path) in err


def test_sample_is_accepted():
    sample = os.path.join(os.path.dirname(__file__), "../../conf/rrdnsd.conf.sample")
    status, _, err = run("-n", "-c", sample)
    assert status == 0, err
