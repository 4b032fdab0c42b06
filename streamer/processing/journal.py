"""The one writer of what an inbox knows: whoever opens a journal shuts out whoever had it before.

A Kafka transaction per write, under a name of the partition's own. Opening it makes the broker
finish or abandon the last owner's transaction and refuse all that he would still write, however
long he slept. So what is read after the opening, committed transactions only, is all that was and
ever will be decided by others.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerFenced

from streamer.errors import KafkaUnavailable, WriterFenced
from streamer.state import TableRecord
from streamer.transport.topics import changelog

logger = logging.getLogger(__name__)

_BATCH_BYTES: Final = 1024 * 1024
_LARGEST_REQUEST: Final = 8 * 1024 * 1024
_SECONDS: Final = 30.0
_CLOSE_SECONDS: Final = 1.0
# A broker forgets a name that was silent for a week (`transactional.id.expiration.ms`), and refuses
# what comes then.
_SILENCE_SECONDS: Final = 86_400.0
_SIGN_OF_LIFE: Final = TableRecord("waiting", b"alive", None)


class Journal:
    """The tables of one inbox, to be written by this process alone."""

    def __init__(self, options: Mapping[str, Any], number: int) -> None:
        self._number = number
        self._producer = AIOKafkaProducer(
            **options,
            transactional_id=f"streamer-inbound-{number}",
            linger_ms=0,
            max_batch_size=_BATCH_BYTES,
            max_request_size=_LARGEST_REQUEST,
        )
        self._written = time.monotonic()

    async def open(self) -> None:
        """Shut out whoever had it before; KafkaUnavailable if no broker answers."""
        try:
            await asyncio.wait_for(self._producer.start(), _SECONDS)
        except (KafkaError, OSError, TimeoutError) as error:
            raise KafkaUnavailable(
                f"Kafka did not open the journal of inbox {self._number} "
                f"({error or type(error).__name__})."
            ) from error

    async def write(self, records: Sequence[TableRecord]) -> None:
        """Store all of these or none; WriterFenced if another worker has opened it since."""
        if not records and time.monotonic() - self._written < _SILENCE_SECONDS:
            return
        try:
            await asyncio.wait_for(self._write(records or [_SIGN_OF_LIFE]), _SECONDS)
        except ProducerFenced as error:
            raise WriterFenced(
                f"Another worker has taken over inbox {self._number} while this one was silent: "
                "nothing was written or forwarded. A restart begins anew."
            ) from error
        except (KafkaError, TimeoutError) as error:
            raise KafkaUnavailable(
                f"Kafka did not store what inbox {self._number} decided "
                f"({error or type(error).__name__}). None of it was forwarded: a restart goes on."
            ) from error

    async def _write(self, records: Sequence[TableRecord]) -> None:
        producer = self._producer
        await producer.begin_transaction()
        # Each is awaited: a commit would go past a record that the broker has refused.
        await asyncio.gather(
            *[
                await producer.send(changelog(r.table), r.value, r.key, self._number)
                for r in records
            ]
        )
        await producer.commit_transaction()
        self._written = time.monotonic()

    async def close(self) -> None:
        """Let go of it, in order if it can be."""
        with contextlib.suppress(KafkaError, TimeoutError, AssertionError):
            await asyncio.wait_for(self._producer.stop(), _CLOSE_SECONDS)
