# SPDX-License-Identifier: ISC
import os

from . import Checker


def environment(programs):
    """The kernel's IPVS, or none: see no_ipvs.c."""
    return {} if os.path.exists("/proc/net/ip_vs") else {"LD_PRELOAD": f"{programs}/no_ipvs.so"}


class Keepalived(Checker):
    """Its checks of HTTPS verify nothing: it can't. CPU is that of both its processes."""

    name = "keepalived"
    schemes = ("http", "https", "tcp")

    def check(self):
        """Three failures, a quarter of a second apart, as rrdnsd has it."""
        common = "connect_timeout 1\nretry 2\ndelay_before_retry 0.25\n"
        if self.job.scheme == "tcp":
            return f"TCP_CHECK {{\n{common}}}\n"
        url = f"url {{\npath /\nvirtualhost {self.job.host}\nstatus_code 200-399\n}}\n"
        if self.job.scheme == "https":
            return f"SSL_GET {{\nenable_sni\n{url}{common}}}\n"
        return f"HTTP_GET {{\n{url}{common}}}\n"

    def prepare(self):
        check = self.check()
        self.conf = self.write("keepalived.conf", "".join(
            f"virtual_server 127.0.1.{1 + i} 80 {{\ndelay_loop 1\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n"
            + "".join(f"real_server {ip} {self.job.port} {{\n{check}}}\n" for ip in group) + "}\n"
            for i, group in enumerate(self.job.groups())
        ))  # fmt: skip

    def argv(self):
        d = self.directory
        return ["keepalived", "-n", "-l", "-C", "-f", self.conf, "-p", f"{d}/pid", "-c", f"{d}/checkers.pid"]

    def environment(self):
        return environment(self.job.programs)
