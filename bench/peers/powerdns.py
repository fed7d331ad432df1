# SPDX-License-Identifier: ISC
import socket
import subprocess
import time

import dns.message
from harness.pdns import SCHEMA
from harness.process import free_port

from . import Checker


class PowerDns(Checker):
    """LUA records with ifurlup(), which checks from the first question on."""

    name = "PowerDNS"
    schemes = ("http",)

    def prepare(self):
        d, job = self.directory, self.job
        self.dns_port = free_port()
        self.write("pdns.conf", f"""launch=gsqlite3
gsqlite3-database={d}/pdns.db
local-address=127.0.0.1
local-port={self.dns_port}
socket-dir={d}
daemon=no
guardian=no
setuid=
setgid=
enable-lua-records=yes
lua-health-checks-interval=1
receiver-threads=1
distributor-threads=1
""")
        records = "".join(
            f"""INSERT INTO records (domain_id, name, type, content, ttl) VALUES (1, 's{i}.bench.test', 'LUA',
'A "ifurlup(''http://{job.host}:{job.port}/'', {{{", ".join(f"''{ip}''" for ip in group)}}}, {{timeout=1}})"', 60);
"""
            for i, group in enumerate(job.groups())
        )
        with open(SCHEMA) as f:
            sql = f.read() + f"""
INSERT INTO domains (id, name, type) VALUES (1, 'bench.test', 'NATIVE');
INSERT INTO records (domain_id, name, type, content, ttl)
  VALUES (1, 'bench.test', 'SOA', 'ns.bench.test hostmaster.bench.test 1 3600 600 86400 60', 60);
{records}"""
        subprocess.run(["sqlite3", f"{d}/pdns.db"], input=sql, text=True, check=True)

    def argv(self):
        return ["pdns_server", f"--config-dir={self.directory}"]

    def started(self):
        """It may be too busy with checks to answer the last ones: then it is not asked on."""
        until = time.monotonic() + 30
        for i in range(len(self.job.groups())):
            wire = dns.message.make_query(f"s{i}.bench.test", "A").to_wire()
            while not self.ask(wire) and time.monotonic() < until:
                time.sleep(0.05)

    def ask(self, wire):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(1)
            client.connect(("127.0.0.1", self.dns_port))
            try:
                client.send(wire)
                return client.recv(65535)[3] & 15 == 0
            except OSError:
                return False
