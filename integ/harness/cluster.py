# SPDX-License-Identifier: ISC
"""What tests of several nodes have in common."""

import re
import signal

from .process import wait_for

SECRET = "a secret of forty characters, more or less"


def ips(webs):
    return {web.ip for web in webs}


def changes(nodes, fqdn):
    """How many changes of its A records these nodes made."""
    return sum(node.count(rf"\[updater\] {fqdn} A at .* -> ") for node in nodes)


def wait_changes(nodes, fqdn, n):
    """DNS shows a change before its writer's log does. No more than n of them."""
    wait_for(lambda: changes(nodes, fqdn) >= n, what=f"{n} changes of {fqdn} in the logs")
    assert changes(nodes, fqdn) == n


def status(node):
    """What it says on SIGUSR1, without what stands before [status]."""
    before = len(node.log())
    node.process.send(signal.SIGUSR1)
    ends = len(node.services)

    def told():
        text = node.log()[before:]
        return text if len(re.findall(r"writes first|must not write", text)) >= ends else None

    text = wait_for(told, what=f"status of {node.options['local_node']}")
    return "\n".join(re.findall(r"\[status\] (.*)", text))


def wait_status(node, pattern, timeout=10):
    """Asks until a line of its status matches."""

    def seen():
        return re.search(pattern, status(node), re.M)

    try:
        return wait_for(seen, timeout, pattern, 0.1)
    except AssertionError as e:
        raise AssertionError(f"{e}:\n{status(node)}") from None
