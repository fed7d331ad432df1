# SPDX-License-Identifier: ISC
from .nameserver import LIMITED_NAME, ZONE, NameServer, secret_of


class Bind(NameServer):
    kind = "bind"

    def prepare(self):
        d = self.directory
        for zone in self.zones:
            with open(f"{d}/{zone}.zone", "w") as f:
                f.write(self.zone_text(zone))
        keys = "".join(
            f'key "{name}" {{ algorithm {alg}; secret "{secret_of(name)}"; }};\n'
            for name, alg in self.keys.items()
        )
        grants = "".join(
            f"grant {name} zonesub ANY; " for name in self.keys if name != "limited-key"
        )
        signing = "dnssec-policy default;" if self.signed else ""
        zones = "".join(
            f"""zone "{zone}" {{ type primary; file "{d}/{zone}.zone";
  update-policy {{ {f"grant limited-key name {LIMITED_NAME}. A AAAA; " if zone == ZONE else ""}{grants}}};
  allow-transfer {{ key rrdnsd-key; }}; {signing} }};
"""
            for zone in self.zones
        )
        v4 = f"listen-on port {self.port} {{ {self.ip}; }}; listen-on-v6 {{ none; }};"
        v6 = f"listen-on {{ none; }}; listen-on-v6 port {self.port} {{ {self.ip}; }};"
        with open(f"{d}/named.conf", "w") as f:
            f.write(
                f"""{keys}
options {{ directory "{d}"; pid-file "{d}/named.pid"; session-keyfile "{d}/session.key";
  {v6 if ":" in self.ip else v4}
  recursion no; dnssec-validation no; notify no; }};
controls {{ }};
{zones}"""
            )

    def argv(self):
        return ["named", "-g", "-c", f"{self.directory}/named.conf"]
