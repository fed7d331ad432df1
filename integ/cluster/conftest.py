# SPDX-License-Identifier: ISC
import pytest
from harness.cluster import SECRET, ips
from harness.daemon import Rrdnsd, end, service
from harness.process import free_port


@pytest.fixture
def cluster(tmp_path, endpoints, fqdn, knot):
    """cluster(n) gives (nodes, web servers), all of which see both up. Options of
    one node alone: each[i]. make.one(name, names, webs) is one node more."""
    made = []

    def one(name, names, webs, **options):
        options = dict(dict(
            nodes=names, nodes_secret=SECRET, heartbeat_ms=200, takeover_ms=300,
            update_resolvers=[knot.address], update_credentials=knot.credentials(),
        ), **options)  # fmt: skip
        services = [service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs), ttl=5)]
        made.append(Rrdnsd(tmp_path / f"node{len(made)}", services, local_node=name, **options))
        return made[-1]

    def make(n, each=None, wait=True, **options):
        webs = endpoints(2)
        knot.set(fqdn, ips(webs), ttl=5)
        names = [f"127.0.0.1:{free_port()}" for _ in range(n)]
        nodes = [one(name, names, webs, **dict(options, **(each[i] if each else {}))) for i, name in enumerate(names)]
        if wait:
            for node in nodes:
                node.wait_log(rf"{fqdn} .*undecided -> up", times=2)
        return nodes, webs

    make.one = one

    yield make
    end(made)
