# SPDX-License-Identifier: ISC
"""Programs from npm, installed from a lock, once for all workers."""

import fcntl
import shutil
import subprocess

from .process import Process, free_port, wait_for


def install(source, tmp_path_factory, name):
    """Where the programs are that source/package.json asks for."""
    directory = tmp_path_factory.getbasetemp().parent / name
    directory.mkdir(exist_ok=True)
    with open(directory / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (directory / "installed").exists():
            for file in ("package.json", "package-lock.json"):
                shutil.copy(f"{source}/{file}", directory)
            done = subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=directory, capture_output=True, text=True, timeout=300,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
            (directory / "installed").touch()
    return str(directory / "node_modules/.bin")


def start_prism(cli, log, command, description, *argv):
    """Prism, which holds requests and answers against a description:
    (base URL, process)."""
    port = free_port()
    process = Process(
        "prism",
        [cli, command, "-p", str(port), "--errors", "-v", "debug", description, *argv],
        log,
        env={"NO_COLOR": "1"},
    )

    def ready():
        assert process.alive(), process.text()
        return "Prism is listening" in process.text()

    wait_for(ready, 60, "Prism listens")
    return f"http://127.0.0.1:{port}", process
