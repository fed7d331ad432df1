# SPDX-License-Identifier: ISC
"""What is checked: endpoints on all of 127.0.0.0/8, on a core of their own."""

import contextlib
import re
import subprocess
import urllib.request

from harness.ca import CertificateAuthority
from harness.process import wait_for

from . import place
from .node import end

HOST = "www.bench.test"
PORT = 8080
TLS_PORT = 8443
COUNT_PORT = 8081


def address(i):
    """Every other one is in 127.65.0.0/16, so that half of them fail by one rule."""
    return f"127.{64 + i % 2}.{i // 500}.{1 + i // 2 % 250}"


HALF = "127.65.0.0/16"


class Endpoints:
    """HTTP and TCP; bench/endpoints."""

    port = PORT

    def __init__(self, programs):
        self.child = subprocess.Popen(place.on_target_core([f"{programs}/endpoints", str(PORT)]),
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip

    def counts(self):
        """(connections accepted, requests answered) so far."""
        self.child.stdin.write(b"\n")
        self.child.stdin.flush()
        accepted, answered = self.child.stdout.readline().split()
        return int(accepted), int(answered)

    def stop(self):
        self.child.stdin.close()
        self.child.wait()


class TlsEndpoints:
    """HTTPS; nginx, with tickets and a cache of sessions."""

    port = TLS_PORT

    def __init__(self, directory):
        self.ca = CertificateAuthority(directory)
        certificate, key = self.ca.issue(HOST)
        conf = f"{directory}/nginx.conf"
        with open(conf, "w") as f:
            f.write(f"""worker_processes 1; daemon off; pid {directory}/nginx.pid; error_log /dev/null;
user root; events {{ worker_connections 30000; }}
http {{ access_log off; keepalive_requests 1000000000; keepalive_timeout 1h;
  client_body_temp_path {directory}; proxy_temp_path {directory}; fastcgi_temp_path {directory};
  uwsgi_temp_path {directory}; scgi_temp_path {directory};
  server {{ listen 127.0.0.1:{COUNT_PORT}; location / {{ stub_status; }} }}
  server {{ listen 0.0.0.0:{TLS_PORT} ssl backlog=65535; ssl_certificate {certificate};
    ssl_certificate_key {key}; ssl_session_cache shared:s:16m; location / {{ return 200 "ok\\n"; }} }}
}}
""")
        argv = ["nginx", "-e", "/dev/null", "-p", directory, "-c", conf]
        self.child = subprocess.Popen(place.on_target_core(argv))
        wait_for(self.answers, 10, "nginx")

    def answers(self):
        with contextlib.suppress(OSError):
            return self.counts()

    def counts(self):
        """(connections accepted, requests answered) so far, this one aside."""
        with urllib.request.urlopen(f"http://127.0.0.1:{COUNT_PORT}/", timeout=30) as page:
            accepted, _, answered = re.search(rb"(\d+) (\d+) (\d+)", page.read()).groups()
        self.asked = getattr(self, "asked", 0) + 1
        return int(accepted) - self.asked, int(answered) - self.asked

    def stop(self):
        end(self.child)
