# SPDX-License-Identifier: ISC
"""A client of rrdnsd's API, over TCP or its Unix socket."""

import http.client
import json
import socket
import urllib.parse

TOKEN = "a token that nobody can guess at all"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json["error"]

    def __repr__(self):
        return f"{self.status} {self.body[:500]!r}"


class Api:
    """Over TCP, with the token unless token is None; local: by the socket."""

    def __init__(self, daemon, local=False, token=TOKEN, timeout=10):
        self.daemon = daemon
        self.local = local
        self.token = token
        self.timeout = timeout

    def connect(self):
        if self.local:
            return UnixConnection(self.daemon.options["api_socket"], self.timeout)
        where = self.daemon.options.get("listen", self.daemon.options["local_node"])
        host, port = where.rsplit(":", 1)
        return http.client.HTTPConnection(host, int(port), timeout=self.timeout)

    def request(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if self.token and not self.local:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if method != "GET":
            headers.setdefault("Content-Type", "application/json")
        connection = self.connect()
        try:
            connection.request(method, path, body, {k: v for k, v in headers.items() if v is not None})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path):
        answer = self.request("GET", path)
        assert answer.status == 200, answer
        return answer.json

    def post(self, path, body=None, status=200, **headers):
        answer = self.request("POST", path, body, headers)
        assert answer.status == status, answer
        return answer.json

    def delete(self, path, status=200):
        answer = self.request("DELETE", path)
        assert answer.status == status, answer
        return answer.json

    def status(self):
        return self.get("/api/v1/status")

    def service(self, fqdn):
        return self.get(f"/api/v1/services/{fqdn}")

    def endpoint(self, fqdn, ip):
        return next(e for e in self.service(fqdn)["endpoints"] if e["ipaddr"] == ip)

    def events(self, since=0, **more):
        query = urllib.parse.urlencode(dict(since=since, limit=10000, **more))
        return self.get(f"/api/v1/events?{query}")["events"]

    def intent(self, fqdn, ip, intent, status=200, **more):
        path = f"/api/v1/services/{fqdn}/endpoints/{ip}/intent"
        return self.post(path, dict(intent=intent, **more), status)
