# SPDX-License-Identifier: ISC
"""The observer of integ/chaos/run sees what is wrong."""

import os
import re

from harness.daemon import binary
from harness.process import run_group

RUN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "run")


def count(text, what):
    return int(re.search(rf"^ *{what}: (\d+)$", text, re.M)[1])


def test_what_is_wrong_is_noticed(tmp_path):
    """Records removed by hand: of an endpoint that is up, of a stranger, all."""
    argv = [RUN, binary(), "--directory", str(tmp_path), "--sabotage"]
    status, text = run_group(argv, tmp_path / "output", 180)
    assert status == 1, text
    assert count(text, "wrong removal") >= 2, text
    assert count(text, "foreign record lost") == 1, text
    assert count(text, "empty answer") == 1, text
    assert count(text, "wrong addition") == 0, text
