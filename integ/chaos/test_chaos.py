# SPDX-License-Identifier: ISC
"""The observer of integ/chaos/run sees what is wrong."""

import os
import re
import subprocess

from harness.daemon import binary

RUN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "run")


def chaos(directory, *argv, timeout):
    done = subprocess.run(
        [RUN, binary(), "--directory", str(directory), *argv],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout,
    )  # fmt: skip
    return done.returncode, done.stdout


def count(text, what):
    return int(re.search(rf"^ *{what}: (\d+)$", text, re.M)[1])


def test_what_is_wrong_is_noticed(tmp_path):
    """Records removed by hand: of an endpoint that is up, of a stranger, all."""
    status, text = chaos(tmp_path, "--sabotage", timeout=180)
    assert status == 1
    assert count(text, "wrong removal") >= 2, text
    assert count(text, "foreign record lost") == 1, text
    assert count(text, "empty answer") == 1, text
    assert count(text, "wrong addition") == 0, text
