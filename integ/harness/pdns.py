# SPDX-License-Identifier: ISC
import subprocess

from .nameserver import NameServer, secret_of

SCHEMA = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"


class PowerDns(NameServer):
    kind = "pdns"

    def __init__(self, *argv, caches=False, **options):
        self.caches = caches  # PowerDNS's own defaults
        super().__init__(*argv, **options)

    def util(self, *argv):
        subprocess.run(
            ["pdnsutil", f"--config-dir={self.directory}", *argv],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def prepare(self):
        d = self.directory
        with open(f"{d}/pdns.conf", "w") as f:
            f.write(
                f"""launch=gsqlite3
gsqlite3-database={d}/pdns.db
gsqlite3-dnssec=yes
local-address={self.ip}
local-port={self.port}
socket-dir={d}
daemon=no
guardian=no
setuid=
setgid=
dnsupdate=yes
allow-dnsupdate-from=127.0.0.0/8,::1
zone-cache-refresh-interval=0
"""
            )
            if not self.caches:
                f.write("cache-ttl=0\nquery-cache-ttl=0\nnegquery-cache-ttl=0\n")
        with open(SCHEMA) as f:
            subprocess.run(["sqlite3", f"{d}/pdns.db"], stdin=f, check=True)
        for name, alg in self.keys.items():
            self.util("import-tsig-key", name, alg, secret_of(name))
        for zone in self.zones:
            with open(f"{d}/{zone}.zone", "w") as f:
                f.write(self.zone_text(zone))
            self.util("load-zone", zone, f"{d}/{zone}.zone")
            # PowerDNS has no policy by name: limited-key may do nothing.
            full = [k for k in self.keys if k != "limited-key"]
            self.util("set-meta", zone, "TSIG-ALLOW-DNSUPDATE", *full)
            self.util("set-meta", zone, "TSIG-ALLOW-AXFR", "rrdnsd-key")

    def argv(self):
        return ["pdns_server", f"--config-dir={self.directory}"]
