"""The topics: what each is for and how it is kept, as data; creating and checking them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from streamer.errors import KafkaUnavailable, SettingsError
from streamer.settings import Settings
from streamer.state import TABLES
from streamer.transport.kafka import admin
from streamer.transport.people import IDENTITIES, INBOUND

TOUCHPOINTS: Final = "touchpoints"
DEADLETTERS: Final = "deadletters"
SETTINGS: Final = "settings"
MARKS: Final = "deadletter-marks"

_KEPT_FOR_EVER: Final = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    # A record is one request's events of a campaign, with room for the envelope of the batch.
    "max.message.bytes": "2097152",
}
# A letter holds a record whole, unpacked from whatever its producer had packed it by.
_LARGEST_LETTER: Final = {"max.message.bytes": "16777216"}
# Recovery reads a changelog whole, so the cleaner must keep up: small segments, since the active
# one is never cleaned, and a low share of dirt. Tombstones may go early: what they remove is
# stored elsewhere by then, so missing one costs a little space and nothing else.
_COMPACTED: Final = {
    "cleanup.policy": "compact",
    "segment.bytes": "33554432",
    "segment.ms": "600000",
    "min.cleanable.dirty.ratio": "0.2",
    "max.compaction.lag.ms": "3600000",
    "delete.retention.ms": "60000",
    "max.message.bytes": "8388608",
}
# A record or two, which compaction never drops: each has a key of its own.
_FEW: Final = {"cleanup.policy": "compact"}
# Copies of each partition, where there are so many brokers.
_REPLICAS: Final = 3
_LOOKS: Final = 50
_LOOK_SECONDS: Final = 0.1


def changelog(table: str) -> str:
    """The changelog topic of one of the worker's tables."""
    return f"streamer-{table}-changelog"


@dataclass(frozen=True)
class Topic:
    """A topic, its purpose in a sentence, and the configuration that it must have.

    `partitions` None: as many as STREAMER_PARTITIONS says.
    """

    name: str
    purpose: str
    config: Mapping[str, str]
    partitions: int | None = None


TOPICS: Final[tuple[Topic, ...]] = (
    Topic(TOUCHPOINTS, "every event, for ever: all else can be rebuilt from it", _KEPT_FOR_EVER),
    Topic(INBOUND, "events that name a person and no campaign, by person", _KEPT_FOR_EVER),
    Topic(IDENTITIES, "who belongs to which campaign, by person; all plans", _KEPT_FOR_EVER),
    Topic(
        DEADLETTERS,
        "what could not be read or was rejected, encrypted",
        _KEPT_FOR_EVER | _LARGEST_LETTER,
    ),
    Topic(SETTINGS, "the fingerprint of STREAMER_SECRET", _FEW, partitions=1),
    Topic(MARKS, "what became of each dead letter", _COMPACTED),
    *(Topic(changelog(table), f"the worker's table `{table}`", _COMPACTED) for table in TABLES),
)


@dataclass(frozen=True)
class Report:
    """What was found and done: the names of created topics, and a sentence for each fault."""

    created: tuple[str, ...]
    faults: tuple[str, ...]


async def ensure_topics(settings: Settings) -> Report:
    """Create the topics that are missing, then check all; KafkaUnavailable if Kafka is away.

    A wrong partition count cannot be mended and raises SettingsError; a configuration that was
    changed is reported as a fault.
    """
    client = await admin(settings)
    try:
        created = await _create_missing(client, settings.partitions)
        await _check_partitions(client, settings.partitions)
        return Report(created, await _faults(client))
    finally:
        await client.close()


async def check_topics(settings: Settings) -> Report:
    """Check the topics without creating any: a missing one is a fault."""
    client = await admin(settings)
    try:
        known = set(await client.list_topics())
        missing = [topic.name for topic in TOPICS if topic.name not in known]
        if missing:
            return Report(
                (), tuple(f"{name} is missing: run `streamer topics`." for name in missing)
            )
        await _check_partitions(client, settings.partitions)
        return Report((), await _faults(client))
    finally:
        await client.close()


async def _create_missing(client: AIOKafkaAdminClient, partitions: int) -> tuple[str, ...]:
    known = set(await client.list_topics())
    missing = [topic for topic in TOPICS if topic.name not in known]
    if not missing:
        return ()
    cluster: dict[str, Any] = await client.describe_cluster()
    replicas = min(_REPLICAS, len(cluster["brokers"]))
    answer = await client.create_topics(
        [
            NewTopic(t.name, t.partitions or partitions, replicas, topic_configs=dict(t.config))
            for t in missing
        ]
    )
    for name, code, *reason in answer.topic_errors:
        # Another process may have been faster: then it is there, which is all that is wanted.
        if code and for_code(code) is not TopicAlreadyExistsError:
            raise KafkaUnavailable(f"Kafka did not create the topic {name}: {reason or code}.")
    return tuple(topic.name for topic in missing)


async def _check_partitions(client: AIOKafkaAdminClient, partitions: int) -> None:
    wanted = {topic.name: topic.partitions for topic in TOPICS}
    for topic in await _described(client):
        found, fixed = len(topic["partitions"]), wanted[topic["topic"]]
        if fixed is not None and found != fixed:
            raise SettingsError(
                f"The topic {topic['topic']} has {found} partitions instead of {fixed}: remove it, "
                "and it is created anew."
            )
        if fixed is None and found != partitions:
            raise SettingsError(
                f"The topic {topic['topic']} has {found} partitions and STREAMER_PARTITIONS is "
                f"{partitions}: set it to {found}. The number is chosen once, since campaigns "
                "would move to other partitions than their history."
            )


async def _described(client: AIOKafkaAdminClient) -> list[dict[str, Any]]:
    """All topics as the broker knows them; a new one takes a moment to be known."""
    for _ in range(_LOOKS):
        described: list[dict[str, Any]] = await client.describe_topics([t.name for t in TOPICS])
        if all(topic["partitions"] for topic in described):
            break
        await asyncio.sleep(_LOOK_SECONDS)
    return described


async def _faults(client: AIOKafkaAdminClient) -> tuple[str, ...]:
    answers = await client.describe_configs(
        [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in TOPICS]
    )
    found: dict[str, dict[str, str]] = {}
    for answer in answers:
        for _code, _message, _kind, name, entries in answer.resources:
            found[name] = {entry[0]: entry[1] for entry in entries}
    return tuple(
        f"{topic.name} has {key}={config.get(key)} instead of {wanted}: change it back."
        for topic in TOPICS
        for config in [found.get(topic.name, {})]
        for key, wanted in topic.config.items()
        if config.get(key) != wanted
    )
