"""Vonage's Messages API: statuses and inbound messages as JSON, with a JSON Web Token over them.

Version 1 is flat, 0.1 has objects for whom and the content; both are read. Facts from Vonage's
pages on signed webhooks, status callbacks and its official Python packages.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import jwt

from streamer.ingest.fields import international, iso, json_object, needed, text
from streamer.ingest.passthrough import passed
from streamer.ingest.text_replies import reply, with_sentiments
from streamer.ingest.vendors import (
    Answer,
    Delivery,
    Item,
    NotUnderstood,
    RetryContract,
    Touchpoint,
    Vendor,
    Verify,
    Wishes,
)
from streamer.ingest.verification import any_equal, is_fresh

_HOUR: Final = 3600.0

# Inbound messages are retried for a day, statuses for as long as nobody says; whether a retry is
# signed anew is not documented, so a token is good for that day. Once in a while Vonage sends a
# callback unsigned and asks to answer it with a 5xx: it then comes again, signed.
RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=503, horizon=25 * _HOUR, delays=()
)

# Its words → ours.
TYPES: Final[Mapping[str, str]] = {
    # Passed on to the network's provider: it left Vonage, which is what sent means elsewhere.
    "submitted": "sms.sent",
    "delivered": "sms.delivered",
    # Refused, expired, or the provider could not be reached: it was handed over and did not come
    # through. A 1240 among the reasons (the prospect is on a stop list) is no new opt-out.
    "rejected": "sms.failed",
    "undeliverable": "sms.failed",
}
IGNORED: Final = frozenset({"read"})
_SMS: Final = "sms"

# The clock is in the request, so times are judged here and not by the library.
_OPTIONS: Final[Any] = {
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_aud": False,
    "verify_sub": False,
    "verify_jti": False,
}


def _verifier(secrets: Sequence[str], _: Mapping[str, Any]) -> Verify:
    for secret in secrets:
        _check_key(secret)

    def verify(delivery: Delivery) -> bool:
        scheme, _, token = delivery.headers.get(b"authorization", b"").partition(b" ")
        if scheme.lower() != b"bearer":
            return False
        digest = hashlib.sha256(delivery.body).hexdigest().encode()
        good = False
        for secret in secrets:
            claims = _claims(token.strip(), secret)
            hashed = str(claims.get("payload_hash", "")).lower().encode("utf-8", "replace")
            signed_at = str(claims.get("iat", "")).encode("utf-8", "replace")
            fresh = is_fresh(signed_at, delivery.received, RETRIES.horizon)
            good |= any_equal(hashed, [digest]) and fresh
        return good

    return verify


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    told = json_object(delivery.body)
    word = text(told, "status")
    inbound = "status" not in told and not {"text", "message", "message_type"}.isdisjoint(told)
    channel = text(told, "channel") or text(told, "from" if inbound else "to", "type")
    if word in wishes.ignore or (channel is not None and channel.lower() != _SMS):
        yield Item(delivery.body)
    elif channel is None:
        raise NotUnderstood("its `channel` is not a text")
    elif inbound:
        yield Item(delivery.body, (_reply(told, wishes),))
    elif word in IGNORED:
        yield Item(delivery.body)
    elif word is not None and word in TYPES:
        yield Item(delivery.body, (_status(word, told, wishes),))
    else:
        raise NotUnderstood("its `status` is none that is documented")


VENDOR: Final = Vendor(
    name="vonage",
    title="Vonage Messages API",
    proof="a signed token with the body's hash",
    retries=RETRIES,
    verifier=_verifier,
    read=_read,
    tells=with_sentiments(*set(TYPES.values()), "sms.replied", "sms.opted_out"),
    setup={
        "fr": (
            "Dashboard > Applications > votre application > Capabilities > Messages.",
            "Status URL et Inbound URL : {url} (HTTP POST).",
            (
                "À l'envoi, mettez dans client_ref ce que vous voulez retrouver, tel que "
                "« cmp=printemps&p=8 » : campaign_from, message_from et prospect_from en nomment "
                "les champs, ou client_ref lui-même."
            ),
            "`secrets` : le Signature secret (Dashboard > API settings).",
        ),
        "en": (
            "Dashboard > Applications > your application > Capabilities > Messages.",
            "Status URL and Inbound URL: {url} (HTTP POST).",
            (
                "When sending, put into client_ref what you want back, such as "
                '"cmp=spring&p=8": campaign_from, message_from and prospect_from name its '
                "fields, or client_ref itself."
            ),
            "`secrets`: the Signature secret (Dashboard > API settings).",
        ),
    },
    notes={
        "fr": (
            "Une réponse nomme un numéro, pas le SMS auquel elle répond.",
            "Seul le canal sms compte : WhatsApp, RCS, Viber et les autres sont passés.",
        ),
        "en": (
            "A reply names a number, not the SMS that it answers.",
            "Only the channel sms counts: WhatsApp, RCS, Viber and the others are passed over.",
        ),
    },
)


def _check_key(secret: str) -> None:
    try:
        jwt.encode({}, secret, algorithm="HS256")
    except jwt.InvalidKeyError:
        raise ValueError(
            "is not a signature secret: copy it from Dashboard > API settings > Signature secret"
        ) from None


def _claims(token: bytes, secret: str) -> Mapping[str, Any]:
    """What a token signed with this secret says; nothing if it is not."""
    try:
        return jwt.decode(token, secret, algorithms=["HS256"], options=_OPTIONS)
    except (jwt.PyJWTError, ValueError):
        return {}


def _status(word: str, told: Mapping[str, Any], wishes: Wishes) -> Touchpoint:
    number = needed(told, "message_uuid")
    fields = {**told, **passed(told.get("client_ref"))}
    return Touchpoint(
        type=TYPES[word],
        id=f"{number}:{word}",
        at=iso(told, "timestamp"),
        prospect=wishes.prospect(fields),
        person=_person(told, "to", wishes),
        campaign=wishes.campaign(fields),
        message=wishes.message(fields) or number,
    )


def _reply(told: Mapping[str, Any], wishes: Wishes) -> Touchpoint:
    said = reply(text(told, "text") or text(told, "message", "content", "text") or "", wishes)
    return Touchpoint(
        type=said.type,
        id=needed(told, "message_uuid"),
        at=iso(told, "timestamp"),
        person=_person(told, "from", wishes),
        campaign=wishes.campaign(told),
        data=said.data,
    )


def _person(told: Mapping[str, Any], side: str, wishes: Wishes) -> str | None:
    number = international(told, side) or international(told, side, "number")
    if number is None:
        raise NotUnderstood(f"its `{side}` is no number")
    return wishes.identities.phone(number)
