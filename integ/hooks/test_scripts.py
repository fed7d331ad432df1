# SPDX-License-Identifier: ISC
"""Scripts run at events: with what they need, for no longer than they may."""

import os

import pytest
from harness.daemon import run, service
from harness.process import wait_for


@pytest.fixture
def script(tmp_path):
    def make(text, name="script", mode=0o755):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(mode)
        return str(path)

    return make


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_an_event_runs_it(knot, publish, script, tmp_path, fqdn):
    path = script(f"env >{tmp_path}/new; mv {tmp_path}/new {tmp_path}/env; echo seen; echo \"$RRDNSD_TEXT\" >&2")
    daemon, webs = publish(
        knot, scripts=[{"path": path, "events": ["endpoint_down"]}], env={"PRIVATE": "of the daemon"}
    )
    webs[0].down()
    wait_for(lambda: os.path.exists(tmp_path / "env"), 10, "a run")
    env = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert env["RRDNSD_EVENT"] == "endpoint_down"
    assert env["RRDNSD_FQDN"] == fqdn
    assert env["RRDNSD_IPADDR"] == webs[0].ip
    assert env["RRDNSD_STATE"] == "down"
    assert env["RRDNSD_NODE"] == daemon.options["local_node"]
    assert env["RRDNSD_TELLS"] == "1"
    assert env["RRDNSD_ID"].isdigit() and env["RRDNSD_AT"].endswith("Z")
    assert "PRIVATE" not in env
    daemon.wait_log(rf"\[script\] {path}: seen")
    daemon.wait_log(rf"\[script\] {path}: {fqdn} {webs[0].ip}")


def test_what_hangs_is_ended_with_all_it_started(knot, publish, script, tmp_path):
    path = script(f"trap '' TERM; sleep 1000 & echo $! >{tmp_path}/pid; wait; wait")
    daemon, webs = publish(knot, scripts=[{"path": path, "events": ["endpoint_down"], "timeout_ms": 500}])
    webs[0].down()
    daemon.wait_log(r"\[script\] warning: .*: took too long, was ended")
    pid = int((tmp_path / "pid").read_text())
    wait_for(lambda: not alive(pid), 5, "its child's end")
    # Neither probes nor votes waited for it.
    daemon.wait_log(r"\[quorum\] .*up -> down")


def test_four_run_at_once(knot, rrdnsd, endpoints, script, tmp_path, fqdn):
    """12 events, each run tells when it begins and ends."""
    path = script(f"echo begin >>{tmp_path}/log; sleep 0.3; echo end >>{tmp_path}/log")
    web = endpoints(1)[0]
    web.down()
    one = service(fqdn, f"tcp://{{}}:{web.port}", [f"127.8.9.{i}" for i in range(1, 13)])
    rrdnsd(knot, [one], update_method="none", scripts=[{"path": path, "events": ["endpoint_down"]}])
    read = (tmp_path / "log").read_text
    wait_for(lambda: (tmp_path / "log").exists() and read().count("end") == 12, 20, "12 runs")
    running, most = 0, 0
    for line in read().splitlines():
        running += 1 if line == "begin" else -1
        most = max(most, running)
    assert most == 4


def test_failures_are_said(knot, publish, script):
    daemon, webs = publish(
        knot,
        scripts=[
            {"path": script("exit 7", "seven"), "events": ["endpoint_up"]},
            {"path": script("kill -9 $$", "killed"), "events": ["endpoint_up"]},
            {"path": script("yes | head -n 10000", "loud"), "events": ["endpoint_up"]},
        ],
    )
    daemon.wait_log(r"/seven: event \d+: exit status 7")
    daemon.wait_log(r"/killed: event \d+: ended by signal 9")
    daemon.wait_log(r"/loud: the rest of its output is left out")
    assert daemon.count(r"/loud: y$") <= 100


def test_output_is_escaped(knot, publish, script):
    daemon, _ = publish(knot, scripts=[{"path": script(r"printf 'a\033[31mb\n'"), "events": ["endpoint_up"]}])
    daemon.wait_log(r"/script: a\\x1b\[31mb")


def test_a_reload_takes_and_brings_scripts(knot, publish, script):
    daemon, webs = publish(knot, scripts=[{"path": script("sleep 0.5; echo old", "old"), "events": ["endpoint_up"]}])
    daemon.options["scripts"] = [{"path": script("echo new", "new"), "events": ["endpoint_down"]}]
    daemon.write()
    daemon.reload()
    webs[0].down()
    daemon.wait_log(r"/new: new")
    daemon.wait_log(r"/old: old")  # what ran goes on


def test_what_cannot_be_run_is_refused(knot, rrdnsd, script, fqdn):
    for path, why in [
        ("relative", "absolute path"),
        (script("exit 0", mode=0o644), "can't be executed"),
        ("/nonexistent", "No such file"),
        ("/usr/bin", "no regular file"),
    ]:
        daemon = rrdnsd(knot, [service(fqdn, "tcp://{}:1", ["127.0.0.1"])], scripts=[{"path": path}], start=False)
        status, _, stderr = run("-n", "-c", daemon.conf)
        assert status == 1 and why in stderr, stderr
