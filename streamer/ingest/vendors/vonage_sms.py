"""Vonage's SMS API: delivery receipts and inbound SMS, by GET, form or JSON as the account says.

Facts from Vonage's guides on receipts and inbound SMS, its support pages, its old specification
and its official Python client.
"""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any, Final

from streamer.ingest.fields import form, international, json_object, local, needed, text
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
from streamer.ingest.verification import any_equal, is_fresh, path_secret, unhex

_HOUR: Final = 3600.0

# Anything but 200 or 204 is sent again for a day; whether signed anew is not documented.
RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=401, horizon=25 * _HOUR, delays=()
)

# `status` of a receipt → ours.
TYPES: Final[Mapping[str, str]] = {
    "delivered": "sms.delivered",
    # The carrier has it, at once or for later: it left, and nothing says that it arrived.
    "accepted": "sms.sent",
    "buffered": "sms.sent",
    "expired": "sms.failed",
    "failed": "sms.failed",
    "rejected": "sms.failed",
}
# A receipt that Vonage itself cannot read.
IGNORED: Final = frozenset({"unknown"})
# `type` of an inbound message → whether a person wrote it; binary ones are between machines.
WRITTEN: Final[Mapping[str, bool]] = {"text": True, "unicode": True, "binary": False}

_SIGNATURE: Final = "signature"
_METHODS: Final = ("md5", "sha1", "sha256", "sha512")
_FIRST_PART: Final = "1"


def _verifier(secrets: Sequence[str], options: Mapping[str, Any]) -> Verify:
    digest = options[_SIGNATURE]
    if digest is None:
        return path_secret()(secrets, options)
    keys = [secret.encode() for secret in secrets]

    def verify(delivery: Delivery) -> bool:
        try:
            told = _fields(delivery)
        except NotUnderstood:
            return False
        found = unhex((text(told, "sig") or "").encode())
        signed_at = (text(told, "timestamp") or "").encode()
        if found is None or not is_fresh(signed_at, delivery.received, RETRIES.horizon):
            return False
        return any_equal(found, [hmac.digest(key, _signed(told), digest) for key in keys])

    return verify


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    raw = delivery.query if delivery.method == "GET" else delivery.body
    told = _fields(delivery)
    word = text(told, "status")
    if word in wishes.ignore or word in IGNORED:
        yield Item(raw)
    elif word is not None and word in TYPES:
        yield Item(raw, (_receipt(word, told, delivery.received, wishes),))
    elif "status" in told or "type" not in told:
        raise NotUnderstood("its `status` is none that is documented")
    elif _is_begun(told):
        yield Item(raw, (_reply(told, delivery.received, wishes),))
    else:
        yield Item(raw)


def _method(value: object) -> str | None:
    if value is None or value in _METHODS:
        return None if value is None else str(value)
    raise ValueError(
        f"must be the signature method of the account, one of {', '.join(_METHODS)}; leave it out "
        "if the account does not sign, and end the URL with the secret"
    )


VENDOR: Final = Vendor(
    name="vonage_sms",
    title="Vonage SMS API",
    proof="HMAC of the fields, or a secret in the URL",
    retries=RETRIES,
    verifier=_verifier,
    read=_read,
    tells=with_sentiments(*set(TYPES.values()), "sms.replied", "sms.opted_out"),
    methods=frozenset({"GET", "POST"}),
    keys={_SIGNATURE: _method},
    setup={
        "fr": (
            "Dashboard > API settings > SMS settings : choisissez SMS API.",
            "Delivery receipts (DLR) webhooks et Inbound SMS webhooks : {url}",
            (
                'Si le compte signe (demandez-le au support de Vonage) : signature = "sha256", '
                "ou la méthode HMAC affichée, et `secrets` = le Signature secret."
            ),
            (
                "S'il ne signe pas : sans `signature`, ajoutez à l'URL « / » et le secret que "
                "vous avez choisi ; lui seul protège l'adresse."
            ),
            (
                "À l'envoi, donnez client-ref, tel que « cmp=printemps&m=412 », et nommez-en les "
                "champs par campaign_from et message_from."
            ),
        ),
        "en": (
            "Dashboard > API settings > SMS settings: choose SMS API.",
            "Delivery receipts (DLR) webhooks and Inbound SMS webhooks: {url}",
            (
                'If the account signs (ask Vonage\'s support for it): signature = "sha256", or '
                "the HMAC method shown, and `secrets` = the Signature secret."
            ),
            (
                'If it does not: without `signature`, add "/" and the secret that you have '
                "chosen to the URL; nothing else protects the address."
            ),
            (
                'When sending, give client-ref, such as "cmp=spring&m=412", and name its fields '
                "by campaign_from and message_from."
            ),
        ),
    },
    notes={
        "fr": (
            (
                "Un SMS long a un identifiant par partie : sans message_from il compte "
                "plusieurs fois."
            ),
            "Sans accusé au bout de 72 h, Vonage déclare lui-même le SMS expiré.",
            "Une réponse nomme un numéro, pas le SMS auquel elle répond.",
            "L'ancienne signature « MD5 hash » (sans HMAC) n'est pas reconnue.",
        ),
        "en": (
            "A long SMS has an id for each part: without message_from it counts several times.",
            "Without a receipt after 72 h Vonage itself declares the SMS expired.",
            "A reply names a number, not the SMS that it answers.",
            'The old signature "MD5 hash" (without HMAC) is not recognised.',
        ),
    },
)


def _fields(delivery: Delivery) -> dict[str, Any]:
    if delivery.method == "GET":
        return dict(form(delivery.query))
    if delivery.body.lstrip()[:1] == b"{":
        return json_object(delivery.body)
    return dict(form(delivery.body))


def _signed(told: Mapping[str, Any]) -> bytes:
    """What is signed: every field but the signature, in order, none able to feign another."""
    signed = ""
    for name in sorted(told.keys() - {"sig"}):
        value = str(told[name]).replace("&", "_").replace("=", "_")
        signed += f"&{name}={value}"
    return signed.encode("utf-8", "replace")


def _receipt(word: str, told: Mapping[str, Any], received: float, wishes: Wishes) -> Touchpoint:
    number = needed(told, "messageId")
    fields = {**told, **passed(told.get("client-ref"))}
    return Touchpoint(
        type=TYPES[word],
        id=f"{number}:{word}",
        at=_at(told, received),
        # `msisdn` is the recipient here, and `to` the sender's own name.
        prospect=wishes.prospect(fields),
        person=_person(told, wishes),
        campaign=wishes.campaign(fields),
        message=wishes.message(fields) or number,
    )


def _is_begun(told: Mapping[str, Any]) -> bool:
    """Whether a person wrote this and it is the beginning of it.

    A long reply comes in parts, each with an id of its own. It is one reply, told by its first
    part: the numbers that tie parts together are soon used again, so an id made of them could
    take the reply of another day for this one; and « stop » within a sentence is no opt-out.
    """
    kind = needed(told, "type")
    if kind not in WRITTEN:
        raise NotUnderstood("its `type` is none that is documented")
    return WRITTEN[kind] and (text(told, "concat-part") or _FIRST_PART) == _FIRST_PART


def _reply(told: Mapping[str, Any], received: float, wishes: Wishes) -> Touchpoint:
    said = reply(text(told, "text") or "", wishes)
    return Touchpoint(
        type=said.type,
        id=needed(told, "messageId"),
        at=_at(told, received),
        person=_person(told, wishes),
        campaign=wishes.campaign(told),
        data=said.data,
    )


def _at(told: Mapping[str, Any], received: float) -> float:
    if "message-timestamp" not in told:
        return received
    return local(told, "message-timestamp", pattern="%Y-%m-%d %H:%M:%S", zone=UTC)


def _person(told: Mapping[str, Any], wishes: Wishes) -> str | None:
    return wishes.identities.phone(international(told, "msisdn") or "")
