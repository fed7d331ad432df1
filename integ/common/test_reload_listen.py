# SPDX-License-Identifier: ISC
"""Where rrdnsd is reached changes by a reload, and can't be had at once."""

import os
import socket

from harness.api import Api
from harness.process import free_port


def taken_port():
    taken = socket.create_server(("127.0.0.1", free_port()))
    return taken, f"127.0.0.1:{taken.getsockname()[1]}"


def test_a_port_that_is_taken(knot, publish):
    """The old one stays, and the new one is tried until it is free."""
    daemon, webs = publish(knot, heartbeat_ms=100)
    local = Api(daemon, local=True)
    taken, address = taken_port()
    daemon.options["listen"] = address
    daemon.write()
    daemon.reload()
    daemon.wait_log(rf"listen {address}: .*; still listening on {daemon.options['local_node']}")
    daemon.wait_log(r"rrdnsd\.conf: reloaded, all but listen$")
    health = local.request("GET", "/health")
    assert health.status == 503
    assert health.json["reasons"][0].startswith("listen not as configured: "), health
    taken.close()
    daemon.wait_log(rf"listen {address}: open now")
    assert local.request("GET", "/health").status == 200
    socket.create_connection(address.split(":")).close()
    assert daemon.count("still listening on") == 1


def test_a_port_that_is_taken_and_given_up(knot, publish):
    daemon, webs = publish(knot, heartbeat_ms=100)
    taken, address = taken_port()
    daemon.options["listen"] = address
    daemon.write()
    daemon.reload()
    del daemon.options["listen"]
    daemon.write()
    daemon.reload()
    daemon.wait_log(r"rrdnsd\.conf: reloaded$")
    assert Api(daemon).request("GET", "/health").status == 200
    taken.close()


def test_a_socket_that_can_not_be_had(knot, publish, tmp_path):
    """It is opened as soon as it can be, also when that was not so at the start."""
    directory = tmp_path / "later"
    daemon, webs = publish(knot, heartbeat_ms=100, api_socket=f"{directory}/rrdnsd.sock")
    daemon.wait_log("api_socket .*; rrdnsctl can't reach us there, it is tried again")
    os.mkdir(directory)
    daemon.wait_log("api_socket .*: open now")
    assert Api(daemon, local=True).request("GET", "/health").status == 200
    assert daemon.count("can't reach us there") == 1
    taken = socket.socket(socket.AF_UNIX)
    taken.bind(str(tmp_path / "other.sock"))
    taken.listen()
    daemon.options["api_socket"] = str(tmp_path / "other.sock")
    daemon.write()
    daemon.reload()
    daemon.wait_log("api_socket .*/other.sock: another process listens there")
    daemon.wait_log(r"rrdnsd\.conf: reloaded, all but api_socket$")
    taken.close()
    daemon.wait_log("api_socket .*/other.sock: open now")
    assert Api(daemon, local=True).request("GET", "/health").status == 200
