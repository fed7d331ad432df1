# SPDX-License-Identifier: ISC
import os

from harness.process import free_port

from . import Checker


class Gdnsd(Checker):
    """Its shortest interval is 2 s: as many endpoints are half the checks."""

    name = "gdnsd"
    schemes = ("http", "tcp")
    interval_s = 2

    def prepare(self):
        d, job = self.directory, self.job
        for name in ("zones", "run", "state"):
            os.mkdir(f"{d}/{name}")
        plugin = "tcp_connect" if job.scheme == "tcp" else "http_status"
        ask = "" if job.scheme == "tcp" else f'url_path => "/", vhost => "{job.host}", ok_codes => [ 200 ], '
        resources = "".join(
            f"  r{i} => {{ service_types => check, " + ", ".join(f"e{k} => {ip}" for k, ip in enumerate(group)) + " }\n"
            for i, group in enumerate(job.groups())
        )
        self.write("config", f"""options => {{ listen => [ "127.0.0.1:{free_port()}" ], run_dir => "{d}/run",
  state_dir => "{d}/state", udp_threads => 1, tcp_threads => 1 }}
service_types => {{ check => {{ plugin => {plugin}, port => {job.port}, {ask}interval => 2, timeout => 1,
  up_thresh => 2, down_thresh => 3, ok_thresh => 2 }} }}
plugins => {{ multifo => {{
{resources} }} }}
""")

    def argv(self):
        return ["gdnsd", "-c", self.directory, "start"]
