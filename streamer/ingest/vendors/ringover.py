"""Ringover's webhooks: one URL and one key for each section, three ways of proving a request.

One call is one touch: `call_id` is the same in all its words, and in all its legs. Only calls that
the team makes are touches of a campaign: whatever is told of a call says that it was made. Whether
a person or a machine answered is known when the call has ended, so nothing but `hangup` says that
it connected. Facts from Ringover's own PHP library and public code that reads real deliveries.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from streamer.ingest.fields import inside, json_object, needed, number, seconds, text
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
from streamer.ingest.verification import (
    all_of,
    any_equal,
    either,
    hmac_of,
    is_fresh,
    unbase64,
    unbase64url,
)

_TOKEN: Final = b"x-ringover-webhook-signature"
_V3: Final = b"x-ringover-webhook-signature-v3"
_V3_TIMESTAMP: Final = b"x-ringover-request-signature-v3-timestamp"

# It counts its attempts in the body; how many there are, and when, is not documented.
RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=401, horizon=24 * 3600.0, delays=()
)

# What its detection of answering machines says of one; anything else is a person, or not known.
MACHINES: Final = frozenset({"MACHINE", "VOICEMAIL"})
OUTBOUND: Final = frozenset({"out", "outbound"})
INBOUND: Final = frozenset({"in", "inbound"})
RESOURCES: Final = frozenset({"call", "aftercall", "search"})

_Call = Mapping[str, Any]


class _Proof(NamedTuple):
    """One milestone that a word proves, when, and what it tells of the call."""

    type: str
    at: float
    data: Mapping[str, Any] = {}


def _made(call: _Call, sent: float, _: Wishes) -> Iterator[_Proof]:
    start = number(call, "start_time")
    yield _Proof("phone.made", sent if start is None else start)


def _missed(_: _Call, sent: float, __: Wishes) -> Iterator[_Proof]:
    yield _Proof("phone.unreached", sent)


def _ended(call: _Call, sent: float, _: Wishes) -> Iterator[_Proof]:
    end, talk = number(call, "hangup_time"), number(call, "duration_in_seconds")
    if end is None:
        end = sent
    if talk is None:
        raise NotUnderstood("its `data.duration_in_seconds` is no number")
    machine = text(call, "answering_machine_detection") or ""
    if talk <= 0 or machine.upper() in MACHINES:
        yield _Proof("phone.unreached", end)
        return
    yield _Proof("phone.connected", end - talk)
    yield _Proof("phone.completed", end, {"duration": int(talk)})


def _tagged(call: _Call, sent: float, wishes: Wishes) -> Iterator[_Proof]:
    outcome = wishes.outcome(_tags(call))
    if outcome:
        yield _Proof("phone.completed", sent, {"outcome": outcome})


# Its words → what they prove of a call.
WORDS: Final[Mapping[str, Callable[[_Call, float, Wishes], Iterator[_Proof]]]] = {
    "ringing": _made,
    "answered": _made,
    "hangup": _ended,
    "missed": _missed,
    "tags_updated": _tagged,
    "aftercall": _tagged,
}
# These come when a call is over, and may not say which way it went.
_AFTER: Final = frozenset({"tags_updated", "aftercall"})

# Understood, and no milestone: a voicemail is left by a caller; the others ask, or are free text.
IGNORED: Final = frozenset(
    {
        "voicemail",
        "contact",
        "ivr_response_code",
        "routing",
        "comments_updated",
        "record_available",
        "voicemail_available",
        "transcription_available",
        "summary_available",
    }
)


def _holds_the_body(_: Sequence[str], __: Mapping[str, Any]) -> Verify:
    """The token's claims are the body: in `payload`, beside the URL, or themselves.

    The URL is not compared: the key is of one section, and what is signed is the same everywhere.
    """

    def verify(delivery: Delivery) -> bool:
        try:
            body = json_object(delivery.body)
            claims = json_object(unbase64url(_part(delivery, 1)) or b"")
            signed = claims.get("payload")
            if isinstance(signed, str):
                signed = json_object(signed.encode())
        except NotUnderstood:
            return False
        if signed is not None:
            return bool(signed == body)
        return bool(body) and all(
            name in claims and claims[name] == value for name, value in body.items()
        )

    return verify


def _api_key(secrets: Sequence[str], _: Mapping[str, Any]) -> Verify:
    """The key itself, or in Base64 after « Bearer »."""
    keys = [secret.encode() for secret in secrets]

    def verify(delivery: Delivery) -> bool:
        scheme, _, coded = delivery.headers.get(b"authorization", b"").partition(b" ")
        in_base64 = scheme == b"Bearer" and any_equal(unbase64(coded), keys)
        return in_base64 | any_equal(delivery.headers.get(_TOKEN), keys)

    return verify


def _is_new(_: Sequence[str], __: Mapping[str, Any]) -> Verify:
    return lambda delivery: is_fresh(
        delivery.headers.get(_V3_TIMESTAMP), delivery.received, RETRIES.horizon
    )


def _v3_signed(delivery: Delivery) -> bytes:
    timestamp = delivery.headers.get(_V3_TIMESTAMP, b"")
    return delivery.method.encode() + delivery.url.encode() + delivery.body + timestamp


def _tells(wishes: Wishes) -> frozenset[str]:
    facts = ("phone.made", "phone.connected", "phone.unreached", "phone.completed:duration")
    return frozenset(facts) | wishes.outcomes()


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    event = json_object(delivery.body)
    word = event.get("event")
    if not isinstance(word, str):
        raise NotUnderstood("its `event` is not a text")
    # Its own library reads both spellings.
    resource = text(event, "resource") or text(event, "ressource")
    known = resource in RESOURCES and (word in WORDS or word in IGNORED)
    if word in wishes.ignore or (known and word in IGNORED):
        yield Item(delivery.body)
        return
    if not known:
        raise NotUnderstood("its `event` or its `resource` is none that is documented")
    way = text(event, "data", "direction")
    if way in INBOUND or inside(event, "data", "is_internal") is True:
        yield Item(delivery.body)
        return
    if way not in OUTBOUND and not (way is None and word in _AFTER):
        raise NotUnderstood("its `data.direction` is none that is documented")
    yield Item(delivery.body, tuple(_touchpoints(word, event, wishes)))


VENDOR: Final = Vendor(
    name="ringover",
    title="Ringover",
    proof="a signed token, an API key or HMAC",
    retries=RETRIES,
    verifier=either(
        all_of(
            # HS512 is all that is computed, whatever the token says of itself.
            hmac_of(
                lambda delivery: _part(delivery, 0) + b"." + _part(delivery, 1),
                lambda delivery: unbase64url(_part(delivery, 2)),
                "sha512",
            ),
            _holds_the_body,
        ),
        _api_key,
        all_of(hmac_of(_v3_signed, lambda delivery: unbase64(delivery.headers.get(_V3))), _is_new),
    ),
    read=_read,
    tells=_tells,
    setup={
        "fr": (
            "Tableau de bord, page Webhooks : dans chaque section utile, collez {url}",
            "Cochez ringing, answered, hangup et missed ; après l'appel, tags_updated.",
            (
                "Chaque section a sa propre clé : nommez-les toutes dans `secrets`, par exemple "
                'secrets = ["env:RINGOVER_CALLS", "env:RINGOVER_AFTERCALL"].'
            ),
            "Ne cochez pas ivr_response_code : Ringover ne le signe pas.",
            (
                "Dites dans `tags` ce que vos tags signifient, par exemple "
                '"RDV pris" = "meeting" ; s\'il y en a plusieurs, le premier de `tags` l\'emporte.'
            ),
        ),
        "en": (
            "Dashboard, page Webhooks: in each section that you need, paste {url}",
            "Tick ringing, answered, hangup and missed; after the call, tags_updated.",
            (
                "Each section has a key of its own: name them all in `secrets`, such as "
                'secrets = ["env:RINGOVER_CALLS", "env:RINGOVER_AFTERCALL"].'
            ),
            "Do not tick ivr_response_code: Ringover does not sign it.",
            (
                "Say in `tags` what your tags mean, such as "
                '"RDV pris" = "meeting"; where there are several, the first in `tags` stands.'
            ),
        ),
    },
    notes={
        "fr": (
            (
                "Un appel compte comme abouti une fois raccroché, si une personne a répondu ; un "
                "répondeur que Ringover reconnaît compte comme un appel sans interlocuteur."
            ),
            (
                "L'issue d'un appel ne vient que de ses tags, et un tag retiré ne l'annule pas. "
                "Ces messages peuvent ne dire ni le sens de l'appel ni si l'on y a répondu : ne "
                "mettez dans `tags` que des tags réservés aux appels sortants qui ont abouti."
            ),
            (
                "Seuls les appels sortants comptent. Aucun appel ne nomme sa campagne : elle vient "
                "de la source, sinon du numéro appelé."
            ),
            "Les SMS et WhatsApp de Ringover ne sont pas lus : leur format n'est pas publié.",
        ),
        "en": (
            (
                "A call counts as connected once it has ended, if a person answered; an answering "
                "machine that Ringover recognises counts as nobody reached."
            ),
            (
                "A call's outcome comes from its tags only, and a tag taken away does not undo it. "
                "These messages may say neither which way the call went nor whether it was "
                "answered: put only tags into `tags` that are kept for outbound calls that "
                "connected."
            ),
            (
                "Only outbound calls count. No call names its campaign: it comes from the source, "
                "else from the number called."
            ),
            "Ringover's SMS and WhatsApp are not read: their format is not published.",
        ),
    },
)


def _part(delivery: Delivery, index: int) -> bytes:
    """One of the three parts of a token, empty when it is none."""
    parts = delivery.headers.get(_TOKEN, b"").split(b".")
    return parts[index] if len(parts) == 3 else b""  # noqa: PLR2004 - header, claims, signature


def _touchpoints(word: str, event: Mapping[str, Any], wishes: Wishes) -> Iterator[Touchpoint]:
    call = event["data"]
    message, leg = needed(event, "data", "call_id"), text(call, "channel_id")
    rep = wishes.rep(text(call, "user_id"), inside(call, "user", "email"))
    tags = sorted(_tags(call)) if word in _AFTER else ()
    for proof in WORDS[word](call, seconds(event, "timestamp"), wishes):
        yield Touchpoint(
            type=proof.type,
            # Not its timestamp nor its attempt: whether a retry has the same is not documented.
            id=wishes.event_id(word, message, leg, proof.type, *tags),
            at=proof.at,
            person=_person(call, wishes),
            message=message,
            data={**proof.data, **({"rep": rep} if rep else {})} or None,
        )


def _person(call: _Call, wishes: Wishes) -> str | None:
    """Whoever was called: his number comes as `33612345678`."""
    digits = text(call, "to_number") or ""
    return wishes.identities.phone(digits if digits[:1] in {"", "0", "+"} else f"+{digits}")


def _tags(call: _Call) -> Sequence[str]:
    """The names of the call's tags: texts, as they were seen; the key may be missing or empty."""
    tags = call.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(each, str) for each in tags):
        raise NotUnderstood("its `data.tags` is no list of texts")
    return tags
