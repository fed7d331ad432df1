# SPDX-License-Identifier: ISC
"""A benchmark never fails for a figure: what can't be measured is said, and the next one is taken."""

import subprocess
import sys

import dns.exception

# A wait that expired; a socket or process that is not there; a tool that failed; a server that did not answer.
REASONS = (AssertionError, LookupError, OSError, ValueError, subprocess.SubprocessError, dns.exception.DNSException)


def attempt(what, measure):
    """measure()'s figures, or None."""
    try:
        return measure()
    except REASONS as why:
        print(f"{what}: not finished: {type(why).__name__}: {why}", file=sys.stderr, flush=True)
        return None
