"""TCP ports of this machine: which are free, which are taken.

Never keeps one open.
"""

import errno
import socket
import time

from streamer.errors import StartError
from streamer.settings import Address


def free_port(host: str = "127.0.0.1") -> int:
    """A port that was free a moment ago."""
    with socket.create_server((host, 0), family=_family(host)) as server:
        port: int = server.getsockname()[1]
    return port


def is_free(address: Address) -> bool:
    """Whether one could listen there now."""
    try:
        listen(address, "").close()
    except StartError:
        return False
    return True


def listen(address: Address, setting: str) -> socket.socket:
    """A listening socket; a port that is taken is an error that names the setting to change."""
    try:
        return socket.create_server(
            (address.host, address.port), family=_family(address.host), backlog=1024
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"{address} is taken by another program: end that one, or set {setting} to a free "
                "address (port 0 takes any free port)."
            ) from None
        raise StartError(
            f"Cannot listen on {address}: {error.strerror or error}. Set {setting} to an address "
            "of this machine."
        ) from None


def answers(address: Address, question: bytes, seconds: float = 1.0) -> bool:
    """Whether something listens there and answers `question` with at least one byte."""
    try:
        with socket.create_connection((address.host, address.port), timeout=seconds) as connection:
            connection.sendall(question)
            return bool(connection.recv(1))
    except OSError:
        return False


def wait_until_free(address: Address, seconds: float) -> bool:
    """Whether the port has become free within `seconds`."""
    deadline = time.monotonic() + seconds
    while not is_free(address):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
