# SPDX-License-Identifier: ISC
"""An HTTP(S) server that webhooks are posted to."""

import http.server
import json
import ssl
import threading


class Receiver:
    """Answers with `statuses`, one after the other, then with 200."""

    def __init__(self, ip="127.0.0.1", statuses=(), tls=None, headers=None):
        self.posts = []  # (headers, body)
        self.statuses = list(statuses)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.posts.append((self.headers, body))
                self.send_response(outer.statuses.pop(0) if outer.statuses else 200)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer((ip, 0), Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )  # fmt: skip
        self.port = self.server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}/hook?token=secret"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def bodies(self):
        return [json.loads(body) for _, body in self.posts]

    def events(self, kind=None):
        """All that came, each once."""
        seen = {(b["by"], e["id"]): e for b in self.bodies() for e in b["events"]}
        return [e for e in seen.values() if kind in (None, e["kind"])]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
