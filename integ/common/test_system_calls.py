# SPDX-License-Identifier: ISC
"""The unit's SystemCallFilter= lets all through that rrdnsd and its programs call:
strace(1) names what it would not, and then that very filter is in force."""

import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import pytest  # noqa: E402
from harness.api import Api  # noqa: E402
from harness.cluster import SECRET  # noqa: E402
from harness.daemon import is_instrumented, service  # noqa: E402
from harness.dnsapi import APIS  # noqa: E402
from harness.nameserver import ZONE  # noqa: E402
from harness.process import free_port, wait_for  # noqa: E402
from harness.receiver import Receiver  # noqa: E402
from harness.statsd import StatsD  # noqa: E402

UNIT = os.path.join(os.path.dirname(__file__), "../../conf/rrdnsd.service.in")
PYTHON = "/usr/bin/python3"
plain = pytest.mark.skipif("is_instrumented()", reason="sanitizers and valgrind call more")


def members(name):
    """The system calls of @group, with those of the groups in it."""
    if not name.startswith("@"):
        return {name}
    argv = ["systemd-analyze", "--no-pager", "syscall-filter", name]
    listed = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.splitlines()[1:]
    words = [line.strip() for line in listed]
    return set().union(*(members(word) for word in words if word and not word.startswith("#")))


def allowed():
    """systemd.exec(5): what a list allows, @default as well, and what each further line adds or removes (~)."""
    calls = members("@default")
    with open(UNIT) as unit:
        for sign, words in re.findall(r"^SystemCallFilter=(~?)(.*)$", unit.read(), re.M):
            named = set().union(*map(members, words.split()))
            calls = calls - named if sign else calls | named
    return calls


def confine(argv, *calls):
    """Becomes argv, which a call that is none of these ends."""
    import seccomp

    confined = seccomp.SyscallFilter(seccomp.KILL_PROCESS)
    for call in calls:
        try:
            confined.add_rule(seccomp.ALLOW, call)
        except RuntimeError:
            pass  # of another architecture
    confined.load()
    os.execvp(argv[0], argv)


class Traced:
    def __init__(self, directory):
        self.file = f"{directory}/strace"
        self.prefix = ["strace", "-D", "-f", "-qq", "-e", "signal=none", "-o", self.file]

    def calls(self, pid):
        """All that it and its programs called, when it has ended."""

        def text():
            with open(self.file) as trace:
                return trace.read()

        wait_for(lambda: re.search(rf"^{pid} +exit_group\(", text(), re.M), what="the end of the trace")
        return set(re.findall(r"^\d+ +(\w+)\(", text(), re.M))


def confined():
    return [PYTHON, os.path.abspath(__file__), "confine", *sorted(allowed()), "--"]


def test_what_is_not_allowed_is_noticed(tmp_path):
    """chroot(1) is what the daemon must not do."""
    traced = Traced(tmp_path)
    argv = ["chroot", "/", "true"]
    assert "chroot" not in allowed() and "mount" not in allowed()
    done = subprocess.Popen([*traced.prefix, *argv])
    assert done.wait() == 0
    assert traced.calls(done.pid) - allowed() == {"chroot"}
    assert subprocess.run([*confined(), *argv]).returncode == -signal.SIGSYS
    assert subprocess.run([*confined(), "true"]).returncode == 0


@pytest.fixture
def program(tmp_path):
    def make(name, text):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return str(path)

    return make


@pytest.fixture
def work(knot, rrdnsd, endpoints, fqdn, ca, program, tmp_path):
    """work(prefix): a node of two does all that it can; its pid, when it has ended."""
    host = "www.example.test"
    plain, secure = endpoints(2), endpoints(1, tls=ca.issue(host))[0]
    hook, statsd, hosted = Receiver(), StatsD(), APIS["digitalocean"]()
    ips = [web.ip for web in plain]

    def services():
        knot.set(fqdn, ips, ttl=5)
        hosted.set(f"hosted-{fqdn}", ips)
        tls = dict(host=host, tls_ca_file=ca.cert)
        http, here = f"http://{{}}:{plain[0].port}/", ["127.0.0.1"]
        return [
            service(fqdn, http, ips, ttl=5, update_transport="udp"),
            service(f"hosted-{fqdn}", http, ips, ttl=30, **hosted.options()),
            service(f"tcp-{fqdn}", f"tcp://{{}}:{plain[0].port}", ips),
            service(f"https-{fqdn}", f"https://{{}}:{secure.port}/", [secure.ip], follow_redirects=True, **tls),
            service(f"tls-{fqdn}", f"tls://{{}}:{secure.port}", [secure.ip], **tls),
            service(f"dns-{fqdn}", f"dns://{{}}:{knot.port}", here),
            service(f"exec-{fqdn}", f"exec:{program('check', 'echo fine')} {{}}", here),
            service(f"hangs-{fqdn}", f"exec:{program('hangs', 'sleep 1000')} {{}}", here, fail_mode="closed"),
        ]  # fmt: skip

    def nodes(prefix):
        names = [f"127.0.0.1:{free_port()}" for _ in range(2)]
        cert, key = ca.issue("127.0.0.1")
        script = program("script", f"date >>{tmp_path}/ran")
        return [
            rrdnsd(knot, services(), prefix=each, local_node=name, nodes=names, nodes_secret=SECRET,
                   nodes_protocol="https", nodes_ca_file=ca.cert, tls_cert=cert, tls_key=key,
                   statsd=statsd.address, webhooks=[{"url": hook.url}], scripts=[{"path": script}],
                   probe_timeout_ms=1000)
            for each, name in zip((prefix, []), names)
        ]  # fmt: skip

    def change(daemon):
        api = Api(daemon, local=True)
        added = service(f"added-{fqdn}", f"http://{{}}:{plain[0].port}/", ips, zone=ZONE)
        api.post("/api/v1/services", added, 201)
        api.intent(fqdn, ips[1], "drain")
        assert api.get("/api/v1/status") and api.events()
        daemon.reload()
        daemon.process.send(signal.SIGUSR1)
        daemon.wait_log(r"\[status\] ")

    def run(prefix):
        daemon = nodes(prefix)[0]
        pid = daemon.process.pid
        daemon.wait_log(r"undecided -> up", timeout=30, times=10)
        daemon.wait_log(rf"hangs-{fqdn} .*undecided -> down", timeout=30)
        plain[0].down()
        knot.wait_addresses(fqdn, {ips[1]}, timeout=30)
        hosted.wait_addresses(f"hosted-{fqdn}", {ips[1]}, timeout=30)
        plain[0].up()
        knot.wait_addresses(fqdn, set(ips), timeout=30)
        change(daemon)
        wait_for(lambda: hook.posts and statsd.datagrams and os.path.exists(tmp_path / "ran"), 30, "all were told")
        assert daemon.stop() == 0, daemon.log()
        return pid

    yield run
    hook.stop()
    hosted.stop()


@plain
def test_all_that_is_called_is_allowed(work, tmp_path):
    traced = Traced(tmp_path)
    calls = traced.calls(work(traced.prefix))
    assert calls > {"bind", "connect", "epoll_wait", "execve", "kill", "rename", "sendto", "vfork"}
    missing = calls - allowed()
    assert not missing, f"not allowed: {sorted(missing)}"


@plain
def test_the_filter_in_force(work):
    work(confined())


if __name__ == "__main__" and sys.argv[1:2] == ["confine"]:
    end = sys.argv.index("--")
    confine(sys.argv[end + 1 :], *sys.argv[2:end])
