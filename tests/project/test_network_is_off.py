from __future__ import annotations

import socket

import pytest

from tests.plugin_servers import NetworkIsOff


@pytest.mark.parametrize("address", ["192.0.2.1", "203.0.113.7"])
def test_a_test_cannot_leave_this_machine(address: str) -> None:
    with pytest.raises(NetworkIsOff, match=address):
        socket.create_connection((address, 80), timeout=1)


def test_a_test_cannot_look_up_a_name() -> None:
    with pytest.raises(NetworkIsOff, match=r"example\.org"):
        socket.getaddrinfo("example.org", 80)


def test_this_machine_itself_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()
