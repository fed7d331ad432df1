# SPDX-License-Identifier: ISC
"""Gossip messages made by hand, signed as a node would or not."""

import hashlib
import hmac
import http.client
import json

PATH = "/quorum/v1/gossip"


def sign(body, secret):
    text = f"request\n{PATH}\n".encode() + body
    return "v1 " + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def message(sender, to, **fields):
    """What a node that knows nothing says; fields replace what is in it."""
    said = dict(boot=1 << 52, to_boot=0, seq=1, ms=1, to_ms=0, to_held=0, digest={}, rows={})
    said.update({"from": sender, "to": to}, **fields)
    return json.dumps(said).encode()


def post(to, body, auth=None):
    """The status of the answer; None when it was refused while it was still
    being sent."""
    host, port = to.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    try:
        connection.request("POST", PATH, body, {"Rrdnsd-Auth": auth} if auth else {})
        return connection.getresponse().status
    except (BrokenPipeError, ConnectionResetError):
        return None
    finally:
        connection.close()
