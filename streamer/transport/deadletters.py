"""Dead letters: what could not be read or was rejected, kept whole, sealed, with the reason.

They may hold anything, persons included, so all of one but its place is encrypted: AES-256-GCM
with a key derived from the secret, bound to the record's key.
"""

import hashlib
import os
import zlib
from collections.abc import Mapping
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from streamer.errors import UnreadableRecord

_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
_PURPOSE: Final = b"streamer dead letters 1"
# Of a million letters two share these with a chance of one in five hundred.
_ID_DIGITS: Final = 12


class Request(msgspec.Struct, frozen=True):
    """What a webhook's parser may look at beside the content, without any credential.

    `query` is that of a POST: the query of a GET is its content. `headers` are those few, in lower
    case, that the vendor's parser reads, and the content type.
    """

    method: str
    kind: str | None
    query: bytes
    headers: Mapping[str, str]


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """What was set aside.

    `topic`, `partition` and `offset` say where it came from (a webhook: topic `webhooks`,
    partition 0 and, as the offset, the hash of its source, its content and its request),
    `position` which event of the record it is, None for the whole. `source` is the configured
    source, if known. `at` is when, in seconds since 1970. `request` is only a webhook's.
    """

    topic: str
    partition: int
    offset: int
    position: int | None
    source: str
    reason: str
    key: bytes | None
    value: bytes | None
    at: float
    request: Request | None = None


def record(secret: bytes, letter: DeadLetter) -> tuple[bytes, bytes]:
    """The key and the sealed value under which a letter is kept.

    The key is its place, so a replay writes the same one again, and a listing shows it once.
    """
    place = [letter.topic, letter.partition, letter.offset]
    key = msgspec.json.encode(place if letter.position is None else [*place, letter.position])
    # Packed: the letter of a record as large as its topic takes must fit its own topic.
    return key, seal(secret, zlib.compress(msgspec.msgpack.encode(letter)), key)


def read(secret: bytes, key: bytes, value: bytes) -> DeadLetter:
    """The letter kept under a key; UnreadableRecord if it was sealed with another secret."""
    return msgspec.msgpack.decode(zlib.decompress(unseal(secret, value, key)), type=DeadLetter)


def letter_id(key: bytes) -> str:
    """A short name for the letter of a key, the same for ever."""
    return hashlib.sha256(key).hexdigest()[:_ID_DIGITS]


def seal(secret: bytes, plain: bytes, bound_to: bytes) -> bytes:
    """Encrypt; the result can only be opened beside the same `bound_to`."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(_key(secret)).encrypt(nonce, plain, bound_to)


def unseal(secret: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """Decrypt what `seal` gave."""
    nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(_key(secret)).decrypt(nonce, body, bound_to)
    except (InvalidTag, ValueError):
        raise UnreadableRecord(
            "it was sealed with another secret, or damaged: STREAMER_SECRET must be the one that "
            "the worker and the gateway had"
        ) from None


def _key(secret: bytes) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, None, _PURPOSE).derive(secret)
