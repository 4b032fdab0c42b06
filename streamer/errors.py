"""Every error that this project raises on purpose, and what is done about each.

    StreamerError                 exit 1   any other failure that one sentence explains
    ├── SettingsError             exit 2   a setting is missing or malformed: refuse to start
    ├── StartError                exit 3   not fit to start: taken port, no Java, no room …
    ├── KafkaUnavailable          exit 4   Kafka is away: give up; the gateway answers 503
    ├── RedisUnavailable          exit 5   Redis is away: likewise; counting goes on
    ├── ProofUnavailable                   a webhook cannot be proved now: it is to come again
    ├── GapError                  exit 70  records were skipped: stop before anything is applied
    ├── DecidedTwice              exit 70  one event was given to two campaigns: stop likewise
    ├── WriterFenced              exit 71  another worker may own the partitions: stop, unwritten
    ├── UnreadableRecord                   a record cannot be read: dead-letter and acknowledge it
    └── RequestError                       a request is refused, nothing of it is taken
        ├── Malformed             400
        ├── Unauthorized          401
        ├── TooLarge              413
        └── UnsupportedMediaType  415

The commands end with 0 when all went well, 130 after Ctrl-C, and 1 on a defect (the only case
with a traceback). This module knows no policy beyond the two numbers: it never prints or exits.
"""
# ruff: noqa: N818 - most are named after the state that they report


class StreamerError(Exception):
    """A failure that one sentence explains to the operator; the commands print it and exit."""

    exit_code = 1


class SettingsError(StreamerError):
    """A setting is missing or malformed: refuse to start."""

    exit_code = 2


class StartError(StreamerError):
    """The machine is not fit to start on: a taken port, no Java, no room, no network."""

    exit_code = 3


class KafkaUnavailable(StreamerError):
    """Kafka does not answer or does not acknowledge: 503 with Retry-After."""

    exit_code = 4
    status = 503


class RedisUnavailable(StreamerError):
    """Redis does not answer: 503 for what needs it; counting goes on without."""

    exit_code = 5
    status = 503


class ProofUnavailable(StreamerError):
    """What a webhook's proof depends on cannot be had now: 503, so that the vendor tries again."""

    status = 503


class GapError(StreamerError):
    """Records of a partition were skipped: stop the process before anything is applied."""

    exit_code = 70


class DecidedTwice(StreamerError):
    """The table of decisions gives one event to two campaigns: stop, since one must be wrong."""

    exit_code = 70


class WriterFenced(StreamerError):
    """Another worker may own the partitions by now: stop the process before anything is written."""

    exit_code = 71


class UnreadableRecord(StreamerError):
    """A Kafka record cannot be read at all: dead-letter it whole and acknowledge it."""


class RequestError(StreamerError):
    """A request is refused with `status`, and nothing of it is taken."""

    status = 400


class Malformed(RequestError):
    """The body cannot be read, or says something that is not allowed."""


class Unauthorized(RequestError):
    """The token or the signature is missing or wrong."""

    status = 401


class TooLarge(RequestError):
    """The request or one event of it is above its limit."""

    status = 413


class UnsupportedMediaType(RequestError):
    """The content type is none that the route reads."""

    status = 415
