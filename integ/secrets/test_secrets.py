# SPDX-License-Identifier: ISC
"""Where the keys and tokens that rrdnsd is given are not to be found: in all
that it says, writes, or leaves behind."""

import base64
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import tempfile

import pytest
from harness.api import Api
from harness.ctl import Ctl, ctl_binary, environment
from harness.daemon import Rrdnsd, binary, is_instrumented, run, service
from harness.dnsapi import APIS
from harness.nameserver import secret_of
from harness.process import wait_for
from harness.receiver import Receiver

KINDS = ("nodes_secret", "api_token", "webhook", "token", "tsig")
PAGES = ("/health", "/metrics", "/dash", "/api/v1/status", "/api/v1/events", "/openapi.yaml", "/nothing")
NODE = 'conf_version = 1; local_node = "127.0.0.1:3333"; nodes = ( "127.0.0.1:3333" );\n'


def shapes(secret):
    """What a secret could look like."""
    raw = secret.encode()
    return {raw, base64.b64encode(raw), raw.hex().encode(), raw.hex().upper().encode()}


def make_secret(kind, age):
    """Long enough that malloc's own notes, at the beginning of what is freed,
    do not make it unreadable."""
    return f"{kind}-{age}-is-never-told-" * 6 + "end"


class Setting:
    """A node of two that uses a secret of each kind, all from files."""

    def __init__(self, directory, server, webs, fqdn):
        self.directory = str(directory)
        os.chmod(self.directory, 0o755)
        self.api = APIS["digitalocean"]()
        self.hook, self.peer = Receiver(), Receiver()
        self.secrets = {}
        for kind in KINDS:
            self.write(kind, make_secret(kind, "old"))
        self.api.token = self.secrets["token"]
        key = secret_of("rrdnsd-key")  # the server has to know it
        self.write("tsig", f"hmac-sha256:rrdnsd-key:{key}", base64.b64decode(key).decode())
        one, two = self.services(server, webs, fqdn)
        self.daemon = Rrdnsd(
            directory / "node", [one, two], start=False,
            nodes_secret=[self.file("nodes_secret")], api_token=self.file("api_token"),
            webhooks=[{"url": self.hook.url, "secret": self.file("webhook")}],
        )  # fmt: skip
        self.daemon.options["nodes"] = [self.daemon.options["local_node"], f"127.0.0.1:{self.peer.port}"]
        self.daemon.write()

    def services(self, server, webs, fqdn):
        check, ips = f"http://{{}}:{webs[0].port}/", [web.ip for web in webs]
        self.api.set(f"api-{fqdn}", ips)
        hosted = self.api.options(update_credentials=self.file("token"))
        return (
            service(fqdn, check, ips, ttl=30, update_method="rfc2136", update_resolvers=[server.address],
                    update_credentials=self.file("tsig")),
            service(f"api-{fqdn}", check, ips, ttl=30, **hosted),
        )  # fmt: skip

    def file(self, kind):
        return f"file:{self.directory}/{kind}.key"

    def write(self, kind, text, secret=None):
        path = self.file(kind)[len("file:") :]
        with open(path, "w") as f:
            f.write(text + "\n")
        os.chmod(path, 0o640)
        self.secrets[kind] = secret or text

    def start(self):
        self.daemon.start()
        self.daemon.wait_log(r"\[agent\] ready", timeout=30)
        return self.daemon

    def absent(self, what, where):
        data = what if isinstance(what, bytes) else what.encode(errors="replace")
        for kind, secret in self.secrets.items():
            for shape in shapes(secret):
                assert shape not in data, f"{kind} in {where}"

    def stop(self):
        self.daemon.stop()
        self.api.stop()
        self.hook.stop()
        self.peer.stop()


@pytest.fixture
def setting(knot, endpoints, fqdn):
    with tempfile.TemporaryDirectory(prefix="rrdnsd-secrets.") as directory:
        made = Setting(pathlib.Path(directory), knot, endpoints(2), fqdn)
        yield made
        made.stop()


def read(path):
    with open(path, "rb") as f:
        return f.read()


def use(setting):
    """Each secret is used once: it would be in memory, and in what is told."""
    daemon = setting.start()
    api = Api(daemon, token=setting.secrets["api_token"])
    api.post("/api/v1/freeze", {"on": True, "reason": "a look"})
    wait_for(lambda: setting.hook.posts, 30, "a signed webhook")
    wait_for(lambda: setting.api.answers, 30, "a request with the token")
    wait_for(lambda: setting.peer.posts, 30, "a signed gossip message")
    return daemon, api


def test_what_is_said_and_written(setting):
    daemon, api = use(setting)
    for headers, body in (*setting.hook.posts, *setting.peer.posts):
        assert any(name.lower() in ("rrdnsd-auth", "rrdnsd-signature") for name in headers), headers
        setting.absent(str(headers).encode() + body, "what is sent")
    fqdn = daemon.services[0]["fqdn"]
    for path in (*PAGES, f"/api/v1/services/{fqdn}", f"/api/v1/services/api-{fqdn}"):
        answer = api.request("GET", path)
        setting.absent(answer.body + str(answer.headers).encode(), path)
    # What is wrong is told without the token that came with it.
    for token in (setting.secrets["api_token"], "wrong"):
        answer = Api(daemon, token=token).request("POST", "/api/v1/freeze", "{")
        setting.absent(answer.body, "an error")
    ctl = Ctl(daemon)
    for argv in (["status"], ["--json", "status"], ["status", fqdn], ["events"], ["--json", "events"]):
        setting.absent("".join(map(str, ctl.run(*argv))), f"rrdnsctl {argv}")
    for argv in (["ps", "-efww"], ["ps", "eww", str(daemon.process.pid)]):
        setting.absent(subprocess.run(argv, capture_output=True).stdout, "ps")
    for name in ("cmdline", "environ", "comm", "maps", "status"):
        setting.absent(read(f"/proc/{daemon.process.pid}/{name}"), f"/proc/PID/{name}")
    daemon.process.send(signal.SIGUSR1)
    daemon.reload()
    setting.daemon.stop()
    for folder, _, names in os.walk(daemon.directory):
        for name in names:
            if not name.endswith(".sock"):
                setting.absent(read(f"{folder}/{name}"), name)
    status, out, err = run("-n", "-c", daemon.conf)
    assert status == 0, err
    setting.absent(out + err, "rrdnsd -n")


def test_what_is_added_at_run_time_is_for_the_owner_alone(setting):
    """Its key is kept for the next start: that file nobody else may read."""
    daemon, api = use(setting)
    new = dict(daemon.services[0], fqdn=f"new-{daemon.services[0]['fqdn']}",
               update_credentials=f"hmac-sha256:rrdnsd-key:{secret_of('rrdnsd-key')}")  # fmt: skip
    Api(daemon, local=True).request("POST", "/api/v1/services", new)
    path = f"{daemon.directory}/changes.json"
    wait_for(lambda: os.path.exists(path), 10, "changes.json")
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(f"{daemon.directory}/state.json").st_mode & 0o007 == 0
    assert setting.secrets["tsig"] not in daemon.log()
    assert secret_of("rrdnsd-key").encode() not in Api(daemon, local=True).request("GET", "/api/v1/status").body


@pytest.mark.parametrize("kind", KINDS)
def test_files_that_everybody_can_read_are_refused(setting, kind):
    path = setting.file(kind)[len("file:") :]
    os.chmod(path, 0o644)
    status, out, err = run("-n", "-c", setting.daemon.conf)
    assert status == 1
    assert re.search(rf"{re.escape(path)} .*(others|everybody)", err), err
    setting.absent(out + err, "the refusal")


def test_an_open_configuration_with_a_secret_is_warned_of(tmp_path):
    conf = tmp_path / "rrdnsd.conf"
    conf.write_text(NODE + 'update_method = "none"; services = ( ); api_token = "a-token-in-the-file-0";\n')
    conf.chmod(0o644)
    status, out, err = run("-n", "-c", str(conf))
    assert "everybody can read it" in err and "a-token-in-the-file-0" not in out + err
    conf.chmod(0o640)
    assert "everybody" not in run("-n", "-c", str(conf))[2]


# Sanitizers and valgrind take over signals, and quarantine what is freed.
plain = pytest.mark.skipif("is_instrumented()", reason="not by the sanitizers or valgrind")


def dies_with_core(argv, directory, ready):
    """Whether what is told to dump core does so."""
    limit = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    pid = os.fork()
    if pid == 0:
        try:
            resource.setrlimit(resource.RLIMIT_CORE, limit)
            os.chdir(directory)
            out = os.open("out", os.O_CREAT | os.O_WRONLY, 0o600)
            os.dup2(out, 1)
            os.dup2(out, 2)
            os.execv(argv[0], argv)
        finally:
            os._exit(99)
    wait_for(lambda: ready(pid), 30, "ready to die")
    os.kill(pid, signal.SIGSEGV)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGSEGV
    return os.WCOREDUMP(status) or any(name.startswith("core") for name in os.listdir(directory))


def is_sleep(pid):
    return b"sleep" in read(f"/proc/{pid}/cmdline").split(b"\0")[0]


@plain
def test_no_core_is_left(setting, tmp_path):
    other, own = tmp_path / "other", tmp_path / "own"
    other.mkdir()
    own.mkdir()
    try:
        if not dies_with_core(["/bin/sleep", "60"], other, is_sleep):
            pytest.skip("nothing leaves a core here")
    except ValueError:
        pytest.skip("the limit of cores can't be raised")
    daemon = setting.daemon
    argv = [binary(), "-v", "-c", daemon.conf]
    ready = lambda _: os.path.exists(f"{own}/out") and b"[agent] ready" in read(f"{own}/out")  # noqa: E731
    assert not dies_with_core(argv, own, ready)
    setting.absent(read(f"{own}/out"), "the log")


AS_OTHERS = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")
def test_the_daemons_own_user_cant_read_its_memory(setting, monkeypatch):
    daemon = setting.daemon
    monkeypatch.setenv("RRDNSD", shutil.copy(binary(), setting.directory))
    for folder, folders, names in os.walk(setting.directory):
        for name in (".", *folders, *names):
            os.chown(f"{folder}/{name}", 65534, 65534)
    daemon.prefix = AS_OTHERS
    setting.start()
    for name in ("mem", "environ", "maps"):
        done = subprocess.run([*AS_OTHERS, "head", "-c1", f"/proc/{daemon.process.pid}/{name}"], capture_output=True)
        assert done.returncode != 0, f"{name}: {done.stdout}"
    # Whereas of any other process it can.
    other = subprocess.Popen([*AS_OTHERS, "sleep", "60"])
    try:
        wait_for(lambda: is_sleep(other.pid), 10, "sleep")
        assert subprocess.run([*AS_OTHERS, "head", "-c1", f"/proc/{other.pid}/maps"], capture_output=True).stdout
    finally:
        other.kill()
        other.wait()


def memory(pid):
    """All that can be read of it, as root: (where, bytes)."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            where = line.split()
            start, end = (int(x, 16) for x in where[0].split("-"))
            if "w" not in where[1] or (len(where) > 5 and where[5].startswith("[v")):
                continue
            try:
                mem.seek(start)
                yield line.strip(), mem.read(end - start)
            except OSError:
                pass


def places(pid, secret):
    """Where the end of it is."""
    return [where for where, data in memory(pid) for shape in shapes(secret[-40:]) if shape in data]


@plain
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to read the memory of another process")
def test_what_is_no_longer_used_is_wiped(setting):
    daemon, api = use(setting)
    pid = daemon.process.pid
    old = dict(setting.secrets)
    # The search finds what is there.
    assert places(pid, old["nodes_secret"]) and places(pid, old["webhook"])
    for kind in ("nodes_secret", "api_token", "webhook", "token"):
        setting.write(kind, make_secret(kind, "new"))
    daemon.reload()

    def left():
        return {kind: places(pid, old[kind]) for kind in old if kind != "tsig" and places(pid, old[kind])}

    try:
        wait_for(lambda: not left(), 10, "nothing of them left", step=0.5)
    except AssertionError:
        raise AssertionError(left()) from None
