# SPDX-License-Identifier: ISC
"""Endpoints that fail, by nft: `refused` ones reset connections, `dropped` ones answer nothing."""

import subprocess

RULES = """table ip bench {{
  set refused {{ type ipv4_addr; flags interval; }}
  set dropped {{ type ipv4_addr; flags interval; }}
  chain in {{
    type filter hook input priority 0
    tcp dport {port} ip daddr @refused reject with tcp reset
    tcp dport {port} ip daddr @dropped drop
  }}
}}
"""


class Firewall:
    """For one port. Without it packets pass no rule at all."""

    def __init__(self, port):
        self.nft("-f", "-", stdin=RULES.format(port=port))

    @staticmethod
    def nft(*argv, stdin=None):
        subprocess.run(["nft", *argv], input=stdin, text=True, check=True, stdout=subprocess.DEVNULL)

    def add(self, name, *addresses):
        self.nft("add", "element", "ip", "bench", name, "{ " + ", ".join(addresses) + " }")

    def delete(self, name, *addresses):
        self.nft("delete", "element", "ip", "bench", name, "{ " + ", ".join(addresses) + " }")

    def stop(self):
        self.nft("delete", "table", "ip", "bench")
