# SPDX-License-Identifier: ISC
"""Under systemd: the real journal in a mount namespace of its own, and what
is said on the notification socket."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import pytest  # noqa: E402
from harness.api import Api  # noqa: E402
from harness.daemon import binary, service  # noqa: E402
from harness.process import run_group, wait_for  # noqa: E402

JOURNALD = """
set -e
journald= sys=
end() {
  [ -z "$journald" ] || kill $journald
  umount -l /run
  [ -z "$sys" ] || umount -l $sys
}
mount -t tmpfs tmpfs /run
trap end EXIT
# journald wants one; a bare chroot has none, and perhaps not even /sys.
if ! grep -q " /sys/fs/cgroup " /proc/mounts; then
  sys=/sys/fs/cgroup
  if [ ! -d /sys/fs/cgroup ]; then
    sys=/sys
    mount -t sysfs sysfs /sys
  fi
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
fi
mkdir -p /run/systemd/journal /run/log/journal
/lib/systemd/systemd-journald &
journald=$!
while [ ! -S /run/systemd/journal/stdout ]; do sleep 0.05; done
"$1" "$2" child "$3" "$4"
journalctl --directory=/run/log/journal --sync >/dev/null 2>&1 || true
for i in 1 2 3 4 5 6 7 8 9 10; do
  journalctl --directory=/run/log/journal -o json --no-pager > "$5" 2>/dev/null || true
  grep -q stopping "$5" && break
  sleep 0.3
done
"""


def private_mounts():
    """A plain chroot is no mount point, so its propagation can't be changed;
    what is mounted there is unmounted again."""
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0:
        return ["unshare", "-m"]
    return ["unshare", "-m", "--propagation", "unchanged"]


def child(rrdnsd, conf):
    """Runs rrdnsd with its stderr on the journal, as systemd connects it."""
    stream = socket.socket(socket.AF_UNIX)
    stream.connect("/run/systemd/journal/stdout")
    stream.sendall(b"rrdnsd\n\n6\n0\n0\n0\n0\n")
    stat = os.fstat(stream.fileno())
    env = dict(os.environ, JOURNAL_STREAM=f"{stat.st_dev}:{stat.st_ino}")
    process = subprocess.Popen([rrdnsd, "-c", conf], stderr=stream.fileno(), env=env)
    time.sleep(1.5)
    process.send_signal(signal.SIGTERM)
    sys.exit(process.wait(5))


def test_journal(knot, rrdnsd, endpoints, fqdn, tmp_path):
    web = endpoints(1)[0]
    daemon = rrdnsd(knot, [service(fqdn, f"http://{{}}:{web.port}/", [web.ip])], start=False)
    out = tmp_path / "journal.json"
    script = ["sh", "-c", JOURNALD, "sh", "/usr/bin/python3", __file__, binary(), daemon.conf, str(out)]
    status, text = run_group([*private_mounts(), *script], tmp_path / "output", 60)
    assert status == 0, text
    entries = [json.loads(line) for line in out.read_text().splitlines()]
    ours = [e for e in entries if e.get("RRDNSD_TAG")]
    change = [e for e in ours if e["RRDNSD_TAG"] == "[updater]"]
    assert change, out.read_text()
    assert change[0]["MESSAGE"].startswith(f"[updater] {fqdn} A at ")
    assert change[0]["CODE_FILE"].endswith("src/agent_publish.c")
    assert change[0]["CODE_FUNC"] == "on_changed"
    assert int(change[0]["CODE_LINE"]) > 0
    assert change[0]["PRIORITY"] == "5"


@pytest.fixture
def notifications(tmp_path):
    path = str(tmp_path / "notify")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(path)
    listener.setblocking(False)
    seen = []

    def read():
        try:
            while True:
                seen.extend(listener.recv(4096).decode().splitlines())
        except BlockingIOError:
            return seen

    yield path, read
    listener.close()


def test_readiness_reload_watchdog_and_stopping(knot, publish, fqdn, notifications):
    path, read = notifications
    daemon, webs = publish(knot, 2, env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "400000"}, heartbeat_ms=100)
    wait_for(lambda: "READY=1" in read(), what="READY=1")
    wait_for(lambda: read().count("WATCHDOG=1") >= 2, what="WATCHDOG=1")
    assert any(line.startswith("STATUS=1 service, 2 endpoints") for line in read())
    Api(daemon, local=True).post("/api/v1/freeze", {"on": True})
    frozen = "STATUS=1 service, 2 endpoints: 0 down, 0 undecided; frozen"
    wait_for(lambda: frozen in read(), what=frozen)
    daemon.reload()
    wait_for(lambda: "RELOADING=1" in read(), what="RELOADING=1")
    wait_for(lambda: read().count("READY=1") == 2, what="READY=1 again")
    daemon.process.send(signal.SIGTERM)
    wait_for(lambda: "STOPPING=1" in read(), what="STOPPING=1")
    assert daemon.process.wait() == 0


def test_the_watchdog_is_told_between_heartbeats(knot, publish, notifications):
    path, read = notifications
    publish(knot, 2, env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "400000"}, heartbeat_ms=60000)
    wait_for(lambda: read().count("WATCHDOG=1") >= 5, 5, "WATCHDOG=1 five times")


def test_not_ready_before_everything_was_probed(knot, rrdnsd, endpoints, fqdn, notifications):
    path, read = notifications
    web = endpoints(1, mode="hang")[0]
    one = service(fqdn, f"http://{{}}:{web.port}/", [web.ip])
    rrdnsd(knot, [one], env={"NOTIFY_SOCKET": path}, probe_timeout_ms=1500, heartbeat_ms=100)
    time.sleep(1)
    assert "READY=1" not in read()
    wait_for(lambda: "READY=1" in read(), what="READY=1")


if __name__ == "__main__" and sys.argv[1:2] == ["child"]:
    child(*sys.argv[2:])
