# SPDX-License-Identifier: ISC
"""DNS services by API, as far as rrdnsd speaks with them: they keep state, and
can be made to misbehave."""

import contextlib
import json
import re
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from .process import wait_for

TOKEN = "a-token-of-the-tests"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def handle(self):
        with contextlib.suppress(OSError):
            super().handle()

    def serve(self):
        api = self.server.api
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        url = urlsplit(self.path)
        fault = api.next_fault(self.command, url.path)
        if fault in ("close", "reset"):
            self.close_connection = True
            return
        if fault:
            answer = getattr(api, f"fault_{fault}")(self, url, body)
        else:
            answer = api.answer(self, url, body)
        if answer is None:
            self.close_connection = True
            return
        self.say(*answer)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = serve

    def say(self, status, content, headers=None):
        if isinstance(content, (dict, list)):
            content = json.dumps(content).encode()
        self.server.api.answers.append((self.command, self.path, status))
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class DnsApi:
    """records: {id: {name, type, addr, ttl}}; history: the addresses of each
    (name, type) after each change. Faults are planned with spoil()."""

    method = None
    path = ""

    def __init__(self, tls=None, zone="rrdnsd.test"):
        self.zone = zone
        self.token = TOKEN
        self.records = {}
        self.history = {}
        self.last_id = 1000
        self.faults = []
        self.answers = []
        self.max_running = self.running = 0
        self.refuses_twins = False
        self.ignores_changes = False
        self.delay = 0.0
        self.lock = threading.RLock()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.api = self
        scheme = "http"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.http.socket = context.wrap_socket(
                self.http.socket, server_side=True, do_handshake_on_connect=False
            )
            scheme = "https"
        self.port = self.http.server_address[1]
        self.name = f"127.0.0.1:{self.port}"
        self.url = f"{scheme}://{self.name}{self.path}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()

    def options(self, **more):
        return dict(
            dict(update_method=self.method, update_url=self.url,
                 update_credentials=self.token, update_resolvers=[]), **more)  # fmt: skip

    # Faults

    def spoil(self, fault, times=1, method=None, path=""):
        """The next so many requests of that kind, None: from now on."""
        with self.lock:
            self.faults.append([fault, times, method, path])

    def mend(self):
        with self.lock:
            self.faults.clear()

    def next_fault(self, method, path):
        with self.lock:
            for entry in self.faults:
                fault, times, wanted, pattern = entry
                if wanted not in (None, method) or not re.search(pattern, path):
                    continue
                if times is not None:
                    entry[1] -= 1
                    if entry[1] == 0:
                        self.faults.remove(entry)
                return fault
        return None

    def fault_500(self, request, url, body):
        return 500, {"id": "server_error", "message": "Unexpected server-side error"}

    def fault_429(self, request, url, body):
        return 429, {"id": "too_many_requests", "message": "API rate limit exceeded."}, {"Retry-After": "2"}

    def fault_429_for_a_day(self, request, url, body):
        return 429, {"id": "too_many_requests", "message": "Come back tomorrow."}, {"Retry-After": "86400"}

    def fault_used_up(self, request, url, body):
        status, content = self.answer(request, url, body)
        return status, content, {"ratelimit-remaining": "0", "ratelimit-reset": str(int(time.time()) + 3)}

    def fault_unauthorized(self, request, url, body):
        return 401, {"id": "unauthorized", "message": "Unable to authenticate you"}

    def fault_denied(self, request, url, body):
        return 422, {"id": "unprocessable_entity", "message": "Data is not acceptable"}

    def fault_malformed(self, request, url, body):
        return 200, b'{"domain_records": [{"id": 1, "type": "A",'

    def fault_nonsense(self, request, url, body):
        return 200, {"domain_records": {"id": "A"}, "dnsRecords": 17, "id": "x"}

    def fault_html(self, request, url, body):
        return 200, b"<html><body>Maintenance</body></html>"

    def fault_redirect(self, request, url, body):
        return 302, b"", {"Location": f"http://127.0.0.1:{self.port}/elsewhere"}

    def fault_huge(self, request, url, body):
        return 200, b'{"domain_records": [' + b" " * (8 << 20) + b"]}"

    def fault_done_unsaid(self, request, url, body):
        """It is carried out, and the connection ends without an answer."""
        self.answer(request, url, body)
        return None

    def fault_late(self, request, url, body):
        """It is carried out long after the client gave up."""
        time.sleep(1.2)
        self.answer(request, url, body)
        return None

    def fault_slow(self, request, url, body):
        time.sleep(0.4)
        return self.answer(request, url, body)

    # State

    def note(self, name, rdtype):
        now = self.addresses(name, rdtype)
        seen = self.history.setdefault((name, rdtype), [])
        if not seen or seen[-1] != now:
            seen.append(now)

    def put(self, name, addr, ttl=30, rdtype=None):
        rdtype = rdtype or ("AAAA" if ":" in addr else "A")
        with self.lock:
            self.last_id += 1
            self.records[self.last_id] = dict(name=name, type=rdtype, addr=addr, ttl=ttl)
            self.note(name, rdtype)
            return self.last_id

    def set(self, name, addresses, ttl=30):
        with self.lock:
            for rid in [i for i, r in self.records.items() if r["name"] == name]:
                del self.records[rid]
            for addr in addresses:
                self.put(name, addr, ttl)

    def change(self, rid, **values):
        with self.lock:
            record = self.records[rid]
            if not self.ignores_changes:
                record.update(values)
            self.note(record["name"], record["type"])

    def delete(self, rid):
        with self.lock:
            record = self.records.pop(rid)
            self.note(record["name"], record["type"])

    def of(self, name, rdtype="A"):
        with self.lock:
            return {
                i: r for i, r in sorted(self.records.items())
                if r["name"] == name and r["type"] == rdtype
            }  # fmt: skip

    def addresses(self, name, rdtype="A"):
        return {r["addr"] for r in self.of(name, rdtype).values()}

    def is_twin(self, name, rdtype, addr, but=None):
        return any(r["addr"] == addr for i, r in self.of(name, rdtype).items() if i != but)

    def wait_addresses(self, name, wanted, rdtype="A", timeout=15):
        wanted = set(wanted)
        try:
            wait_for(lambda: self.addresses(name, rdtype) == wanted, timeout)
        except AssertionError:
            raise AssertionError(f"{name}: {self.of(name, rdtype)} instead of {wanted}") from None

    def count(self, method=None, status=None):
        return sum(
            method in (None, m) and status in (None, s) for m, _, s in list(self.answers)
        )

    def answer(self, request, url, body):
        with self.lock:
            self.running += 1
            self.max_running = max(self.running, self.max_running)
        try:
            time.sleep(self.delay)
            with self.lock:
                return self.dispatch(request, url, json.loads(body) if body else None)
        finally:
            with self.lock:
                self.running -= 1


class DigitalOcean(DnsApi):
    method = "digitalocean"
    per_page = None

    def fqdn(self, node):
        return self.zone if node == "@" else f"{node}.{self.zone}"

    def show(self, rid):
        r = self.records[rid]
        node = "@" if r["name"] == self.zone else r["name"].removesuffix(f".{self.zone}")
        return {
            "id": rid, "type": r["type"], "name": node, "data": r["addr"], "priority": None,
            "port": None, "ttl": r["ttl"], "weight": None, "flags": None, "tag": None,
        }  # fmt: skip

    def dispatch(self, request, url, body):
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return 401, {"id": "unauthorized", "message": "Unable to authenticate you"}
        found = re.fullmatch(r"/v2/domains/([^/]+)/records(?:/(\d+))?", url.path)
        if not found or found[1] != self.zone:
            return 404, {"id": "not_found", "message": "The resource you requested could not be found."}
        rid = int(found[2]) if found[2] else None
        if rid is not None and rid not in self.records:
            return 404, {"id": "not_found", "message": "The resource you requested could not be found."}
        if request.command == "GET":
            return self.list(request, parse_qs(url.query))
        if request.command == "DELETE":
            self.delete(rid)
            return 204, b""
        return self.write(rid, body)

    def write(self, rid, body):
        ttl = body.get("ttl", 1800)
        if ttl < 30:
            return 422, {"id": "unprocessable_entity", "message": "TTL must be at least 30"}
        name = self.records[rid]["name"] if rid else self.fqdn(body["name"])
        if self.refuses_twins and self.is_twin(name, body["type"], body["data"], rid):
            return 422, {"id": "unprocessable_entity", "message": "Record already exists"}
        if rid:
            self.change(rid, addr=body["data"], ttl=ttl)
            return 200, {"domain_record": self.show(rid)}
        rid = self.put(name, body["data"], ttl, body["type"])
        return 201, {"domain_record": self.show(rid)}

    def list(self, request, query):
        name, rdtype = query["name"][0], query["type"][0]
        ids = list(self.of(name, rdtype))
        page = int(query.get("page", ["1"])[0])
        size = self.per_page or int(query.get("per_page", ["20"])[0])
        shown = ids[(page - 1) * size : page * size]
        pages = {}
        if page * size < len(ids):
            pages["next"] = self.next_link(page + 1)
        return 200, {
            "domain_records": [self.show(i) for i in shown],
            "links": {"pages": pages} if pages else {},
            "meta": {"total": len(ids)},
        }

    def next_link(self, page):
        # As the real one: with its own name, whatever it was called by.
        return f"https://api.digitalocean.com/v2/domains/{self.zone}/records?page={page}"


class Dynu(DnsApi):
    method = "dynu"
    path = "/v2"
    domain_id = 9007481
    content_only = False  # older answers have the address in content alone

    def fault_exception(self, request, url, body):
        return 200, {"exception": {"statusCode": 501, "type": "Argument Exception", "message": "Invalid."}}

    def fault_top_level(self, request, url, body):
        return 200, {"statusCode": 502, "type": "Server Error", "message": "Try again."}

    def show(self, rid):
        r = self.records[rid]
        node = r["name"].removesuffix(self.zone).removesuffix(".")
        shown = {
            "id": rid, "domainId": self.domain_id, "domainName": self.zone, "nodeName": node,
            "hostname": r["name"], "recordType": r["type"], "ttl": r["ttl"], "state": True,
            "content": f"{r['name']}. {r['ttl']} IN {r['type']} {r['addr']}",
            "updatedOn": "2026-11-25T12:00:00",
        }  # fmt: skip
        if not self.content_only:
            shown["ipv4Address" if r["type"] == "A" else "ipv6Address"] = r["addr"]
        return shown

    def error(self, status, kind, message):
        return status, {"statusCode": status, "type": kind, "message": message}

    def dispatch(self, request, url, body):
        if request.headers.get("API-Key") != self.token:
            return self.error(401, "Authentication Exception", "Unauthorized.")
        if found := re.fullmatch(r"/v2/dns/getroot/([^/]+)", url.path):
            return self.root(found[1])
        if found := re.fullmatch(r"/v2/dns/record/([^/]+)", url.path):
            rdtype = parse_qs(url.query)["recordType"][0]
            ids = self.of(found[1], rdtype)
            return 200, {"statusCode": 200, "dnsRecords": [self.show(i) for i in ids]}
        found = re.fullmatch(rf"/v2/dns/{self.domain_id}/record(?:/(\d+))?", url.path)
        rid = int(found[1]) if found and found[1] else None
        if not found or (rid is not None and rid not in self.records):
            return self.error(404, "Not Found Exception", "Not found.")
        if request.command == "DELETE":
            self.delete(rid)
            return 200, {"statusCode": 200}
        return self.write(rid, body)

    def root(self, hostname):
        if hostname != self.zone and not hostname.endswith(f".{self.zone}"):
            return self.error(404, "Not Found Exception", "Not found.")
        node = hostname.removesuffix(self.zone).removesuffix(".")
        return 200, {
            "statusCode": 200, "id": self.domain_id, "domainName": self.zone,
            "hostname": hostname, "node": node,
        }  # fmt: skip

    def write(self, rid, body):
        name = f"{body['nodeName']}.{self.zone}" if body["nodeName"] else self.zone
        addr = body["ipv4Address" if body["recordType"] == "A" else "ipv6Address"]
        if self.refuses_twins and self.is_twin(name, body["recordType"], addr, rid):
            return 200, {"exception": {"statusCode": 501, "type": "Argument Exception",
                                       "message": "Record already exists."}}  # fmt: skip
        assert body["state"] is True
        if rid:
            self.change(rid, addr=addr, ttl=body["ttl"])
        else:
            rid = self.put(name, addr, body["ttl"], body["recordType"])
        return 200, dict(self.show(rid), statusCode=200)


APIS = {"digitalocean": DigitalOcean, "dynu": Dynu}
