"""Logging of the commands: one logfmt line per record, to stderr.

Owns the format and how talkative each library may be. Secrets are kept out by whoever logs.
"""

import json
import logging
import time
from datetime import UTC, datetime

# Libraries whose every step is of no use to an operator; their warnings are, once in a while.
CHATTER = ("aiokafka", "faust", "mode", "uvicorn", "asyncio", "httpx", "httpcore", "kafka")
# These tell every URL that they ask for, which may hold a token; of their own they warn of nothing.
TALE_BEARERS = ("httpx", "httpcore")
# Faust's services log under the module of their subclass, so these of ours speak with its voice.
BORROWED = ("streamer.processing.app", "streamer.processing.engine_fixes")
# What the engine's fetcher ends with when we stop it: no trouble at all.
OWN_STOP = "ConsumerStoppedError"
REPEAT_SECONDS = 10.0
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/+@,")


class Line(logging.Formatter):
    """`time=… level=… logger=… msg="…"`, with `error="…"` of an exception, on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the message holds."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": record.getMessage(),
        }
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        return " ".join(f"{name}={_quoted(value)}" for name, value in fields.items())


def _quoted(value: str) -> str:
    return value if value and PLAIN.issuperset(value) else json.dumps(value, ensure_ascii=False)


class OnceInAWhile(logging.Filter):
    """Lets a library's message pass only if it did not say the same within ten seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, object], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it passes."""
        if not record.name.startswith(CHATTER):
            return True
        if record.exc_info and getattr(record.exc_info[0], "__name__", "") == OWN_STOP:
            return False
        key = (record.name, record.msg)
        now = time.monotonic()
        if now - self._last.get(key, -REPEAT_SECONDS) < REPEAT_SECONDS:
            return False
        self._last[key] = now
        return True


def configure(level: str) -> None:
    """Log to stderr from `level` on; libraries from warnings on, at `debug` most of them too."""
    handler = logging.StreamHandler()
    handler.setFormatter(Line())
    handler.addFilter(OnceInAWhile())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in TALE_BEARERS if level == "debug" else (*CHATTER, *BORROWED):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))
