"""How to reach Kafka: the options that every client shares."""

import asyncio
import ssl
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from streamer.errors import KafkaUnavailable
from streamer.settings import Settings

_CONNECT_SECONDS = 15.0


def client_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments for any aiokafka client: where Kafka is, and its security."""
    security = dict(settings.kafka_security)
    options: dict[str, Any] = {"bootstrap_servers": settings.kafka}
    for name in ("security_protocol", "sasl_mechanism", "sasl_plain_username"):
        if name in security:
            options[name] = security[name]
    if "sasl_plain_password" in security:
        options["sasl_plain_password"] = security["sasl_plain_password"]
    if "SSL" in security.get("security_protocol", ""):
        options["ssl_context"] = _ssl_context(security)
    return options


def _ssl_context(security: dict[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=security.get("ssl_cafile"))
    if security.get("ssl_check_hostname", "1").lower() in {"0", "false", "no", "off"}:
        context.check_hostname = False
    if "ssl_certfile" in security:
        context.load_cert_chain(
            security["ssl_certfile"], security.get("ssl_keyfile"), security.get("ssl_password")
        )
    return context


async def admin(settings: Settings) -> AIOKafkaAdminClient:
    """A started admin client; KafkaUnavailable when no broker answers."""
    client = AIOKafkaAdminClient(**client_options(settings))
    try:
        await asyncio.wait_for(client.start(), _CONNECT_SECONDS)
    except (KafkaError, TimeoutError, OSError) as error:
        await client.close()
        raise KafkaUnavailable(
            f"Kafka does not answer at {settings.kafka} ({error or type(error).__name__}): "
            "is it running, and is STREAMER_KAFKA right?"
        ) from error
    return client


async def cluster_id(settings: Settings) -> str:
    """The id that the cluster was formatted with."""
    client = await admin(settings)
    try:
        cluster: dict[str, Any] = await client.describe_cluster()
        return str(cluster["cluster_id"])
    finally:
        await client.close()
