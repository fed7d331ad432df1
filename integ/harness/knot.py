# SPDX-License-Identifier: ISC
import os

from .nameserver import LIMITED_NAME, ZONE, NameServer, secret_of


class Knot(NameServer):
    kind = "knot"

    def prepare(self):
        d = self.directory
        for sub in ("run", "db"):
            os.makedirs(f"{d}/{sub}", exist_ok=True)
        for zone in self.zones:
            with open(f"{d}/{zone}.zone", "w") as f:
                f.write(self.zone_text(zone))
        keys = "".join(
            f'  - id: {name}\n    algorithm: {alg}\n    secret: "{secret_of(name)}"\n'
            for name, alg in self.keys.items()
        )
        full = ", ".join(k for k in self.keys if k != "limited-key")
        zones = "".join(
            f"""  - domain: {zone}
    storage: "{d}"
    file: "{zone}.zone"
    acl: [full, limited]
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
    dnssec-signing: {"on" if self.signed else "off"}
"""
            for zone in self.zones
        )
        with open(f"{d}/knot.conf", "w") as f:
            f.write(
                f"""server:
    rundir: "{d}/run"
    listen: {self.ip}@{self.port}
log:
  - target: stderr
    any: info
database:
    storage: "{d}/db"
key:
{keys}acl:
  - id: full
    key: [{full}]
    action: [update, transfer]
  - id: limited
    key: limited-key
    action: update
    update-owner: name
    update-owner-match: equal
    update-owner-name: [{LIMITED_NAME}.]
    update-type: [A, AAAA]
zone:
{zones}"""
            )

    def argv(self):
        return ["knotd", "-c", f"{self.directory}/knot.conf"]
