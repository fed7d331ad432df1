# SPDX-License-Identifier: ISC
from harness.process import free_port

from . import Checker


class HAProxy(Checker):
    """One thread, as rrdnsd has. It resumes TLS sessions, as rrdnsd does."""

    name = "HAProxy"
    schemes = ("http", "https", "tcp")

    def prepare(self):
        job = self.job
        mode = "tcp" if job.scheme == "tcp" else "http"
        tls = f" check-ssl verify required ca-file {job.ca} check-sni {job.host} verifyhost {job.host}" if job.ca else ""
        check = "" if mode == "tcp" else f""" option httpchk
 http-check send meth GET uri / ver HTTP/1.1 hdr Host {job.host}
 http-check expect status 200-399
"""
        backends = "".join(
            f"backend b{i}\n{check}" + "".join(f" server s{k} {ip}:{job.port} check{tls}\n" for k, ip in enumerate(group))
            for i, group in enumerate(job.groups())
        )
        self.conf = self.write("haproxy.cfg", f"""global
 nbthread 1
 maxconn 4000
defaults
 mode {mode}
 timeout connect 1s
 timeout client 1s
 timeout server 1s
 timeout check 1s
 default-server inter 1s fastinter 250ms rise 2 fall 3
frontend f
 bind 127.0.0.1:{free_port()}
 default_backend b0
{backends}""")

    def argv(self):
        return ["haproxy", "-db", "-f", self.conf]
