"""Every setting: its name, type, default and help; and the frozen `Settings` made of them.

Owns the only reading of the environment. Never opens, connects or creates anything.
"""

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from streamer.errors import SettingsError

PREFIX = "STREAMER_"
KAFKA_SECURITY_PREFIX = "STREAMER_KAFKA_"
# The client's own names in capitals; the values stay text until the transport reads them.
KAFKA_SECURITY = (
    "security_protocol",
    "sasl_mechanism",
    "sasl_plain_username",
    "sasl_plain_password",
    "ssl_cafile",
    "ssl_certfile",
    "ssl_keyfile",
    "ssl_password",
    "ssl_check_hostname",
)
LOG_LEVELS = ("debug", "info", "warning", "error")


class Address(NamedTuple):
    """Where to listen: `host:port`; port 0 lets the system choose one."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def _address(text: str) -> Address:
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004
        raise ValueError("is not host:port, such as 127.0.0.1:8080")
    return Address(host, int(port))


def _flag(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True}
    words |= {"0": False, "false": False, "no": False, "off": False}
    if text.lower() not in words:
        raise ValueError("is neither 1 nor 0")
    return words[text.lower()]


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise ValueError("is not a whole number above zero")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise ValueError("is not a number of seconds above zero")
    return value


def _tokens(text: str) -> Mapping[str, str]:
    tokens: dict[str, str] = {}
    for number, part in enumerate(filter(None, map(str.strip, text.split(","))), start=1):
        # An equals sign at the very end is Base64's padding of a bare token.
        named = "=" in part.rstrip("=")
        name, _, token = part.partition("=") if named else (f"token{number}", "", part)
        if not name.strip() or not token.strip():
            raise ValueError("has an entry that is neither `token` nor `name=token`")
        if name.strip() in tokens:
            raise ValueError(f"names {name.strip()!r} twice")
        tokens[name.strip()] = token.strip()
    return MappingProxyType(tokens)


def _proxies(text: str) -> tuple[str, ...]:
    proxies = tuple(filter(None, map(str.strip, text.split(","))))
    for proxy in proxies:
        try:
            ipaddress.ip_network(proxy, strict=False)
        except ValueError:
            raise ValueError(f"has {proxy!r}, which is no address or network") from None
    return proxies


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("does not begin with http:// or https://")
    return text.rstrip("/")


def _redis(text: str) -> str:
    if not text.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("does not begin with redis://, rediss:// or unix://")
    return text


def _level(text: str) -> str:
    if text.lower() not in LOG_LEVELS:
        raise ValueError(f"is none of {', '.join(LOG_LEVELS)}")
    return text.lower()


def _region(text: str) -> str:
    if len(text) != 2 or not text.isascii() or not text.isalpha():  # noqa: PLR2004
        raise ValueError("is no country of two letters, such as FR")
    return text.upper()


def _drift(text: str) -> Mapping[str, tuple[float, float, float]]:
    changed: dict[str, tuple[float, float, float]] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        key, _, numbers = part.partition("=")
        try:
            healthy, drifted, bound = (float(number) for number in numbers.split(":"))
        except ValueError:
            raise ValueError(
                "has an entry that is not channel.kpi=healthy:drifted:bound, such as "
                "email.hard_bounce=0.01:0.08:10"
            ) from None
        changed[key.strip()] = (healthy, drifted, bound)
    return MappingProxyType(changed)


def _partitions(text: str) -> int:
    value = _count(text)
    if value > 1024:  # noqa: PLR2004 - far above any use, far below what hurts a broker
        raise ValueError("is above 1024")
    return value


@dataclass(frozen=True)
class Setting:
    """One row: the variable, how its text is read, the default as text (None: unset), the help."""

    name: str
    parse: Callable[[str], Any]
    default: str | None
    help: str
    secret: bool = False

    @property
    def field(self) -> str:
        """The name of the field of `Settings`."""
        return self.name.removeprefix(PREFIX).lower()

    def read(self, text: str) -> Any:  # noqa: ANN401 - the type is the row's own
        """The value of `text`; a malformed one is an error that names the variable."""
        try:
            return self.parse(text)
        except ValueError as problem:
            shown = self.name if self.secret else f"{self.name}={text}"
            raise SettingsError(f"{shown} {problem}.") from None


SETTINGS = (
    Setting("STREAMER_KAFKA", str, None, "Kafka's bootstrap servers, host:port, comma-separated"),
    Setting(
        "STREAMER_REDIS", _redis, None, "Redis URL, such as redis://127.0.0.1:6379/0", secret=True
    ),
    Setting(
        "STREAMER_SECRET",
        str.encode,
        None,
        "key of the hashes and of the dead letters",
        secret=True,
    ),
    Setting(
        "STREAMER_TOKENS", _tokens, None, "`token` or `name=token`, comma-separated", secret=True
    ),
    Setting("STREAMER_SOURCES", Path, None, "the TOML file of the vendors' endpoints"),
    Setting("STREAMER_PARTITIONS", _partitions, "8", "partitions of every topic, for good"),
    Setting("STREAMER_GATEWAY", _address, "127.0.0.1:8080", "the gateway's address"),
    Setting("STREAMER_PUBLIC_URL", _url, None, "the URL that vendors call and sign"),
    Setting("STREAMER_TRUSTED_PROXIES", _proxies, "", "proxies whose X-Forwarded-* are believed"),
    Setting("STREAMER_METRICS", _address, "127.0.0.1:9102", "the worker's metrics address"),
    Setting(
        "STREAMER_GATEWAY_METRICS", _address, "127.0.0.1:9101", "the gateway's metrics address"
    ),
    Setting("STREAMER_DATA", Path, "./streamer-data", "folder of `streamer up`; --data wins"),
    Setting("STREAMER_OPEN", _flag, "0", "1: reads need no token, on a loopback address only"),
    Setting(
        "STREAMER_REGION", _region, "FR", "country of phone numbers that are written without one"
    ),
    Setting("STREAMER_LOG", _level, "info", f"log level: {', '.join(LOG_LEVELS)}"),
    Setting("STREAMER_MAX_REQUEST_BYTES", _count, "1048576", "largest request; above it 413"),
    Setting("STREAMER_MAX_EVENT_BYTES", _count, "524288", "largest event; above it 413"),
    Setting(
        "STREAMER_MAX_LIST_BYTES",
        _count,
        "67108864",
        "largest list of prospects, or table of events; above it 413",
    ),
    Setting(
        "STREAMER_MAX_BUFFERED_BYTES",
        _count,
        "67108864",
        "what the gateway holds while Kafka does not acknowledge; above it 503",
    ),
    Setting("STREAMER_CHECKPOINT_SECONDS", _seconds, "1", "time between a worker's checkpoints"),
    Setting("STREAMER_REFRESH_SECONDS", _seconds, "0.25", "time between a worker's exports"),
    Setting(
        "STREAMER_SESSION_TIMEOUT_SECONDS",
        _seconds,
        "10",
        "silence after which a worker's partitions go to another",
    ),
    Setting(
        "STREAMER_LINGER_DAYS",
        _count,
        "30",
        "days after its end that a campaign stays in the metrics",
    ),
    Setting(
        "STREAMER_WAITING_DAYS",
        _count,
        "30",
        "days after which an event whose campaign is still unknown goes to the dead letters",
    ),
    Setting(
        "STREAMER_DRIFT",
        _drift,
        "",
        "`channel.kpi=healthy:drifted:bound`, comma-separated: other rates and bounds of what is "
        "watched while a campaign is sent",
    ),
    Setting("STREAMER_PAGE_ROWS", _count, "256", "touches on one page of the state"),
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings, read and checked once; secrets never show in its repr."""

    kafka: str | None
    kafka_security: Mapping[str, str] = field(repr=False)
    redis: str | None = field(repr=False)
    secret: bytes | None = field(repr=False)
    tokens: Mapping[str, str] = field(repr=False)
    sources: Path | None
    partitions: int
    gateway: Address
    public_url: str | None
    trusted_proxies: tuple[str, ...]
    metrics: Address
    gateway_metrics: Address
    data: Path
    open: bool
    region: str
    log: str
    max_request_bytes: int
    max_event_bytes: int
    max_list_bytes: int
    max_buffered_bytes: int
    checkpoint_seconds: float
    refresh_seconds: float
    session_timeout_seconds: float
    linger_days: int
    waiting_days: int
    page_rows: int
    drift: Mapping[str, tuple[float, float, float]]
    # Where `env:VARIABLE` of the sources file is looked up.
    environment: Mapping[str, str] = field(repr=False)

    @classmethod
    def from_environment(cls, env: Mapping[str, str], **overrides: Any) -> Self:  # noqa: ANN401
        """Settings of `env`; `overrides`, fields with their values, win. An empty text is unset.

        Raises `SettingsError` for the first malformed value.
        """
        values: dict[str, Any] = {"tokens": MappingProxyType({})}
        for setting in SETTINGS:
            text = env.get(setting.name, "").strip() or setting.default
            if setting.field in overrides:
                continue
            if text is not None:
                values[setting.field] = setting.read(text)
            else:
                values.setdefault(setting.field, None)
        values["kafka_security"] = _kafka_security(env)
        values["environment"] = MappingProxyType(dict(env))
        settings = cls(**{**values, **overrides})
        settings._check()
        return settings

    def _check(self) -> None:
        if self.open and not self.gateway.loopback:
            raise SettingsError(
                f"STREAMER_OPEN=1 is for a loopback address only, and STREAMER_GATEWAY is "
                f"{self.gateway}: unset one of them."
            )
        if self.max_event_bytes > self.max_request_bytes:
            raise SettingsError("STREAMER_MAX_EVENT_BYTES is above STREAMER_MAX_REQUEST_BYTES.")

    def require(self, command: str, *fields: str) -> None:
        """Refuse to start `command` when one of `fields` is unset."""
        for name in fields:
            if not getattr(self, name):
                setting = next(row for row in SETTINGS if row.field == name)
                raise SettingsError(
                    f"`streamer {command}` needs {setting.name} ({setting.help}), which is unset. "
                    "`streamer up` and `streamer demo` bring their own."
                )


def _kafka_security(env: Mapping[str, str]) -> Mapping[str, str]:
    security: dict[str, str] = {}
    for name in sorted(env):
        if name.startswith(KAFKA_SECURITY_PREFIX) and env[name].strip():
            key = name.removeprefix(KAFKA_SECURITY_PREFIX).lower()
            if key not in KAFKA_SECURITY:
                known = ", ".join(KAFKA_SECURITY_PREFIX + word.upper() for word in KAFKA_SECURITY)
                raise SettingsError(f"{name} is not a setting; there are {known}.")
            security[key] = env[name].strip()
    return MappingProxyType(security)


def environment() -> dict[str, str]:
    """A copy of this process's environment: the one place where it is read."""
    return dict(os.environ)
