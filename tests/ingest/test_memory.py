"""The memory of a gateway process while Kafka is away: bounded, whatever is sent."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from streamer.embedded.ports import free_port
from tests.ingest.running import until
from tests.ingest.support import AUTHORISED, SECRET, TOKEN, event

MIB = 1024 * 1024
BUDGET = 8 * MIB
# What connections have in their own buffers, and what an allocator keeps.
SLACK = 48 * MIB
CLIENTS = 200
BODY = json.dumps([event(data={"x": "y" * 450_000}), event(data={"x": "z" * 450_000})]).encode()


class Process:
    """A gateway of its own process."""

    def __init__(self, pid: int, client: httpx.AsyncClient) -> None:
        self.pid = pid
        self.client = client

    def memory(self, of: str) -> int:
        """Bytes of memory: `VmRSS` now, `VmHWM` at most so far."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(rf"{of}:\s+(\d+) kB", status)
        assert found
        return int(found[1]) * 1024


@asynccontextmanager
async def process() -> AsyncIterator[Process]:
    address = f"127.0.0.1:{free_port()}"
    environment = {
        "STREAMER_KAFKA": "127.0.0.1:1",
        "STREAMER_REDIS": "redis://127.0.0.1:1",
        "STREAMER_SECRET": SECRET,
        "STREAMER_TOKENS": f"test={TOKEN}",
        "STREAMER_GATEWAY": address,
        "STREAMER_GATEWAY_METRICS": "127.0.0.1:0",
        "STREAMER_MAX_BUFFERED_BYTES": str(BUDGET),
    }
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "streamer", "gateway"),
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(
            base_url=f"http://{address}",
            # One request for each connection: none is reused just as it ends for want of use.
            headers=AUTHORISED | {"content-type": "application/json", "connection": "close"},
            timeout=60,
            limits=httpx.Limits(max_connections=CLIENTS),
        ) as client:

            async def is_up() -> bool:
                try:
                    return (await client.get("/healthz")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(is_up, 30)
            yield Process(child.pid, client)
    finally:
        child.terminate()
        await child.wait()


@pytest.mark.slow
async def test_memory_stays_bounded_while_kafka_is_away() -> None:
    async with process() as it:
        before = it.memory("VmRSS")
        for _ in range(3):
            answers = await asyncio.gather(
                *(it.client.post("/v1/events", content=BODY) for _ in range(CLIENTS))
            )
            assert {answer.status_code for answer in answers} == {503}
            assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
        sent = 3 * CLIENTS * len(BODY)
        assert sent > 5 * (BUDGET + SLACK), "what was sent would show"
        grown = it.memory("VmHWM") - before
        assert grown < BUDGET + SLACK
        assert (await it.client.get("/healthz")).status_code == 200
