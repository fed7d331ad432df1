# SPDX-License-Identifier: ISC
from harness.process import free_port
from harness.prometheus import Metrics

from . import Checker


class Rrdnsd(Checker):
    """All defaults but the time-out's; nothing is published."""

    name = "rrdnsd"
    schemes = ("http", "https", "tcp")

    def prepare(self):
        job = self.job
        self.node = f"127.0.0.1:{free_port()}"
        path = "" if job.scheme == "tcp" else "/"
        services = ",\n".join(
            f'{{ fqdn = "s{i}.bench.test"; zone = "bench.test"; ipaddrs = ( '
            + ", ".join(f'"{ip}"' for ip in group) + " ); }"
            for i, group in enumerate(job.groups())
        )  # fmt: skip
        self.conf = self.write("rrdnsd.conf", f"""conf_version = 1; local_node = "{self.node}"; nodes = ( "{self.node}" );
update_method = "none"; state_dir = "{self.directory}"; api_socket = "{self.directory}/rrdnsd.sock";
probe_interval_ms = 1000; probe_timeout_ms = 1000; host = "{job.host}"; healthcheck = "{job.scheme}://{{}}:{job.port}{path}";
connection = "{"reuse" if job.reuse else "fresh"}"; {f'tls_ca_file = "{job.ca}";' if job.ca else ""}
services = ( {services} );
""")

    def argv(self):
        return [self.job.rrdnsd, "-c", self.conf]

    def details(self):
        return {"lag p99 ms": Metrics(self.node).value("rrdnsd_loop_lag_p99_seconds") * 1000}
