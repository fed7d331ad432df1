# SPDX-License-Identifier: ISC
import glob
import os
import subprocess

from .nameserver import NameServer, secret_of

SCHEMA = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"


def schema():
    """Where the package puts it differs with what dpkg leaves out."""
    places = [SCHEMA, "/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql"]
    places += glob.glob("/usr/share/**/schema.sqlite3.sql", recursive=True)
    for place in places:
        if os.path.exists(place):
            return place
    raise AssertionError("no schema.sqlite3.sql of pdns-backend-sqlite3 found")


class PowerDns(NameServer):
    kind = "pdns"

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
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
"""
            )
        with open(schema()) as f:
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
