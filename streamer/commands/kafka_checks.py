"""What `streamer doctor` asks of Kafka: that it answers, its topics, how long it keeps offsets.

Changes nothing there.
"""

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streamer.commands.checks import Finding, beside, fault, well
from streamer.settings import Settings
from streamer.transport.fingerprint import fingerprint, held_fingerprint
from streamer.transport.kafka import admin
from streamer.transport.topics import check_topics as look_at_topics

# Committed offsets must outlive any pause of a campaign: a year at the least.
LEAST_RETENTION_MINUTES = 365 * 24 * 60
RETENTION = "offsets.retention.minutes"


async def check_kafka(settings: Settings) -> Finding:
    """Kafka answers."""
    if not settings.kafka:
        return beside("STREAMER_KAFKA is unset: `up` brings its own")
    client = await admin(settings)
    try:
        cluster = await client.describe_cluster()
    finally:
        await client.close()
    return well(f"{len(cluster['brokers'])} broker(s) at {settings.kafka}")


async def check_topics(settings: Settings) -> Finding:
    """The topics are there, kept as they must be, and of this secret."""
    if not settings.kafka:
        return beside("STREAMER_KAFKA is unset: `up` creates them")
    report = await look_at_topics(settings)
    if report.faults:
        more = f" (and {len(report.faults) - 1} more)" if len(report.faults) > 1 else ""
        return fault(report.faults[0] + more, "`streamer topics --check` lists all of them")
    held = await held_fingerprint(settings)
    ours = fingerprint(settings.secret) if settings.secret else held
    if held not in {None, ours}:
        return fault(
            f"they hold what was made with another secret (fingerprint {held})",
            "set STREAMER_SECRET to the old one: the gateway and the worker refuse this one",
        )
    return well(f"all there, with {settings.partitions} partitions each")


async def check_retention(settings: Settings) -> Finding:
    """Committed offsets outlive a pause; else a worker would read everything again after it."""
    if not settings.kafka:
        return beside("STREAMER_KAFKA is unset: `up` keeps them for ever")
    client = await admin(settings)
    try:
        cluster = await client.describe_cluster()
        node = str(cluster["brokers"][0]["node_id"])
        wanted = ConfigResource(ConfigResourceType.BROKER, node, configs={RETENTION: None})
        answers = await client.describe_configs([wanted])
    finally:
        await client.close()
    entries = answers[0].to_object()["resources"][0]["config_entries"]
    minutes = int(entries[0]["config_value"])
    if minutes < LEAST_RETENTION_MINUTES:
        return fault(
            f"{RETENTION} is {minutes} ({minutes / 1440:.0f} days)",
            "set it to 2147483647 on every broker: a group that is away for longer loses its "
            "place and reads everything again",
        )
    return well(f"kept for {'ever' if minutes == 2**31 - 1 else f'{minutes / 525600:.0f} years'}")
