"""A gateway, or a bare ASGI echo on the same server: a process that a benchmark loads.

    python -m tests.bench.gateway [echo]

Tells its address and its process id as the first line of its standard output. Every source has a
double, named `unsigned-…`, whose signature is not checked.
"""

import asyncio
import dataclasses
import os
import signal
import socket
import sys
from collections.abc import Mapping
from typing import Any

import uvloop

from streamer.commands.gateway import settle
from streamer.ingest import server
from streamer.ingest.sources import Source, read_sources
from streamer.settings import Address, Settings
from tests.ingest.support import FakePlans

UNSIGNED = "unsigned-"


def tell(address: Address, _metrics: object = None) -> None:
    """The line that the benchmark waits for."""
    settle()
    sys.stdout.write(f"{address} {os.getpid()}\n")
    sys.stdout.flush()


def doubled(settings: Settings) -> Mapping[str, Source]:
    """The sources, each also without the check of its signature."""
    sources = read_sources(settings)
    doubles = {
        UNSIGNED + name: dataclasses.replace(source, verify=lambda _: True)
        for name, source in sources.items()
    }
    return {**sources, **doubles}


async def gateway() -> None:
    await server.serve(Settings.from_environment(os.environ), plans=FakePlans(), listening=tell)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request with its own body: what any application must do at the least."""
    del scope
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def bare() -> None:
    application: Any = echo
    serving = server._server(application, drain=1)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, lambda: setattr(serving, "should_exit", True))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        tell(Address(*listener.getsockname()))
        await serving.serve([listener])


if __name__ == "__main__":
    setattr(server, "read_sources", doubled)  # noqa: B010 - it is not the server's own
    uvloop.run(bare() if "echo" in sys.argv[1:] else gateway())
