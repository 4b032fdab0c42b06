"""What `streamer doctor` looks at: one function per line of its table.

Each returns what it found and, when that is a fault, what to do. None of them changes anything.
"""

import dataclasses
import http.client
import platform
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from streamer.embedded import jars, java
from streamer.embedded.folder import find_run
from streamer.errors import StreamerError
from streamer.ingest.advice import advise
from streamer.ingest.sources import read_file
from streamer.settings import Address, Settings

OLDEST_PYTHON = (3, 11)
FREE_BYTES = 1_000_000_000
SHORTEST_SECRET = 16
MOST_SKEW_SECONDS = 2.0


class Finding(NamedTuple):
    """One line: what was found, and whether that is well; None: there was nothing to check."""

    well: bool | None
    found: str
    remedy: str = ""


def well(found: str) -> Finding:
    """All is as it should be."""
    return Finding(well=True, found=found)


def fault(found: str, remedy: str) -> Finding:
    """Something is wrong, and this is what to do."""
    return Finding(well=False, found=found, remedy=remedy)


def beside(found: str) -> Finding:
    """There is nothing to check here, and this is why."""
    return Finding(well=None, found=found)


Check = Callable[[Settings], Awaitable[Finding]]


async def check_python(_settings: Settings) -> Finding:
    """The interpreter."""
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < OLDEST_PYTHON:
        return fault(found, "install Python 3.11 or newer")
    return well(found)


async def check_java(settings: Settings) -> Finding:
    """The runtime of the embedded Kafka."""
    if settings.kafka and not find_run(settings.data):
        return beside("not needed: STREAMER_KAFKA is set")
    return well(java.find_java(settings.environment))


async def check_jars(settings: Settings) -> Finding:
    """The embedded Kafka's files."""
    if settings.kafka and not find_run(settings.data):
        return beside("not needed: STREAMER_KAFKA is set")
    if jars.cached():
        return well(f"Kafka {jars.KAFKA_VERSION} is there")
    return beside(f"Kafka {jars.KAFKA_VERSION} will be fetched at the first start (45 MB)")


async def check_room(settings: Settings) -> Finding:
    """The disk of the data folder."""
    folder = settings.data.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.1f} GB free at {folder}"
    if free < FREE_BYTES:
        return fault(found, "free some, or choose another folder with --data or STREAMER_DATA")
    return well(found)


def _own(settings: Settings, setting: str) -> Finding:
    """The finding of a setting that is unset: a fault beside a Kafka that is not our own."""
    if settings.kafka:
        return fault(f"{setting} is unset", "set it: the gateway and the worker need it")
    return beside(f"{setting} is unset: `streamer up` brings its own")


async def check_secret(settings: Settings) -> Finding:
    """The key of the hashes, by a fingerprint that may be shown."""
    from streamer.transport.fingerprint import fingerprint  # noqa: PLC0415 - heavy

    if not settings.secret:
        return _own(settings, "STREAMER_SECRET")
    found = f"fingerprint {fingerprint(settings.secret)}, the same on every machine that shares it"
    if len(settings.secret) < SHORTEST_SECRET:
        return fault(found, f"make it {SHORTEST_SECRET} characters or more, before the first event")
    return well(found)


async def check_sources(settings: Settings) -> Finding:
    """The sources file, as the gateway reads it at its start."""
    if not settings.sources:
        return beside(
            "STREAMER_SOURCES is unset: vendors cannot send, only /v1/events takes events"
        )
    # No identity is made of anything here, so that any key will do.
    known = dataclasses.replace(settings, secret=settings.secret or b"-")
    found = read_file(settings.sources, known)
    if found.faults:
        first = f"line {found.faults[0].line}: {found.faults[0].text}"
        return fault(first, "`streamer sources check` lists all, and the gateway refuses to start")
    warnings = len(advise(found))
    told = f"; {warnings} warning(s): see `streamer sources check`" if warnings else ""
    return well(f"{len(found.sources)} source(s){told}")


async def check_redis(settings: Settings) -> Finding:
    """Redis answers, and agrees on the time."""
    import redis.asyncio  # noqa: PLC0415 - heavy

    if not settings.redis:
        return _own(settings, "STREAMER_REDIS")
    client = redis.asyncio.from_url(settings.redis, socket_timeout=5, socket_connect_timeout=5)
    try:
        seconds, micros = await client.time()
        info = await client.info("server")
    except redis.RedisError as error:
        return fault(f"no answer: {error}", "start it, or correct STREAMER_REDIS")
    finally:
        await client.aclose()
    skew = abs(time.time() - (seconds + micros / 1e6))
    if skew > MOST_SKEW_SECONDS:
        return fault(f"its clock is {skew:.1f} s off", "set both clocks by NTP")
    return well(f"version {info.get('valkey_version') or info['redis_version']}")


async def check_gateway(settings: Settings) -> Finding:
    """The gateway is ready."""
    return _ready(settings, settings.gateway, "gateway", "STREAMER_GATEWAY")


async def check_worker(settings: Settings) -> Finding:
    """The worker is ready."""
    return _ready(settings, settings.metrics, "worker", "STREAMER_METRICS")


def _ready(settings: Settings, address: Address, name: str, setting: str) -> Finding:
    if not settings.kafka:
        return beside("nothing runs on this folder; `streamer up` starts all of it")
    connection = http.client.HTTPConnection(address.host, address.port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read(500).decode(errors="replace").strip()
    except (OSError, http.client.HTTPException) as error:
        remedy = f"start it (`streamer up` or `streamer {name}`), or correct {setting}"
        return fault(f"no answer at {address}: {error}", remedy)
    finally:
        connection.close()
    if answer.status == http.client.OK:
        return well(f"ready at {address}")
    remedy = "wait if it has just started; else see its log, and the lines above"
    return fault(f"{address} answers {answer.status}: {body}", remedy)


async def look(check: Check, settings: Settings) -> Finding:
    """The finding of one check, whatever happens in it."""
    try:
        return await check(settings)
    except StreamerError as error:
        sentence, _, remedy = str(error).partition(": ")
        return fault(sentence, remedy or "see above")
    except Exception as error:  # noqa: BLE001 - a check that fails is a finding, not an end
        return fault(f"{type(error).__name__}: {error}", "report this if it persists")
