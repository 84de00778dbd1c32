"""Starts the loopback interface of a new network namespace; `ip` may not be installed."""

from __future__ import annotations

import fcntl
import socket
import struct

_GET_FLAGS = 0x8913
_SET_FLAGS = 0x8914
_UP = 0x1


def start_loopback() -> None:
    """Raises `OSError` where this process may not."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(control, _GET_FLAGS, request))[1]
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags | _UP))
