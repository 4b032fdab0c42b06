"""Mailgun's webhooks (JSON) and its routes for incoming mail (forms), told apart by the body.

Both prove themselves inside the body, by an HMAC that covers a time and a token but nothing else:
so each token may be used once. Facts from Mailgun's documentation and tested public code.
"""

import hmac
import re
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parseaddr
from typing import Any, Final

import msgspec

from streamer.ingest.auto_reply import is_automatic
from streamer.ingest.fields import (
    an_object,
    decoded,
    form,
    inside,
    json_object,
    multipart,
    needed,
    number,
    seconds,
    text,
)
from streamer.ingest.passthrough import passed
from streamer.ingest.vendors import (
    LARGEST_MAIL,
    Answer,
    Delivery,
    Item,
    NotUnderstood,
    RetryContract,
    Touchpoint,
    Vendor,
    Verify,
    Wishes,
    always,
)
from streamer.ingest.verification import any_equal, is_fresh, unhex

_MINUTE: Final = 60.0
_HOUR: Final = 3600.0

RETRIES: Final = RetryContract(
    taken=Answer(200),
    away=503,
    # Not 406, on which Mailgun gives up: after a wrong key is put right, its retries still count.
    refused=401,
    # Eight hours of retries, and a margin for its queue. Whether a retry is signed anew is not
    # documented.
    horizon=12 * _HOUR,
    delays=(5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, _HOUR, 2 * _HOUR, 4 * _HOUR),
    retried=frozenset(range(300, 600)) - {406},
)

# Its words → ours.
TYPES: Final[Mapping[str, str]] = {
    "accepted": "email.sent",
    "delivered": "email.delivered",
    "failed": "email.bounced",
    "opened": "email.opened",
    "clicked": "email.clicked",
    "unsubscribed": "email.unsubscribed",
    "complained": "email.complained",
}

# Understood, and no milestone. `rejected`: nothing left. `stored`: an incoming mail was kept.
IGNORED: Final = frozenset(
    {"rejected", "stored", "list_uploaded", "list_member_uploaded", "list_member_upload_error"}
)
# A mail that came in and is passed on by a route, a test of Mailgun's own, or a mail in test mode,
# which is never sent: none of them went to a prospect.
_NO_MAIL: Final = ("is-routed", "is-system-test", "is-test-mode")

# A bounce that says nothing against the address: the enhanced status (RFC 3463) is 4.x.x, or x.2.2
# for a full mailbox, with which the remote server's message begins; or the code is 4xx or 552.
_TEMPORARY: Final = re.compile(r"4\.\d|5\.2\.2\b")
_FULL: Final = 552
_PERMANENT: Final = 500

_HEADERS: Final = msgspec.json.Decoder(list[tuple[str, str]])
_PROOFS: Final = ("signature", "parent-signature")


def _verifier(secrets: Sequence[str], _: Mapping[str, Any]) -> Verify:
    keys = [secret.encode() for secret in secrets]

    def verify(delivery: Delivery) -> bool:
        timestamp, token, signature = _proof(delivery.body)
        if not token or not is_fresh(timestamp, delivery.received, RETRIES.horizon):
            return False
        return any_equal(
            unhex(signature), [hmac.digest(key, timestamp + token, "sha256") for key in keys]
        )

    return verify


def _token(delivery: Delivery) -> bytes | None:
    return _proof(delivery.body)[1]


def _once(delivery: Delivery) -> bool:
    """`delivered` is never sent again."""
    body = delivery.body
    return _is_json(body) and inside(json_object(body), "event-data", "event") == "delivered"


def _strip(body: bytes) -> bytes:
    """Without what proves it; of a form in parts only its fields, as a plain form."""
    if _is_json(body):
        return msgspec.json.encode(
            {name: value for name, value in json_object(body).items() if name not in _PROOFS}
        )
    fields = _form(body)
    return urllib.parse.urlencode(
        {name: value for name, value in fields.items() if name not in {"token", "signature"}}
    ).encode()


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    raw = _strip(delivery.body)
    if not _is_json(delivery.body):
        yield _reply(raw, _form(delivery.body), wishes)
        return
    yield _item(raw, _event(delivery.body), wishes)


VENDOR: Final = Vendor(
    name="mailgun",
    title="Mailgun",
    proof="HMAC of a one-time token in the body",
    retries=RETRIES,
    verifier=_verifier,
    read=_read,
    largest=LARGEST_MAIL,
    token=_token,
    once=_once,
    strip=_strip,
    tells=always(
        *(set(TYPES.values()) - {"email.bounced"}),
        "email.deferred",
        "email.replied",
        "email.bounced:hard",
        "email.bounced:soft",
    ),
    setup={
        "fr": (
            (
                "Send > Sending > Webhooks, domaine d'envoi : ajoutez {url} pour chaque type "
                "d'événement."
            ),
            (
                "HTTP webhook signing key (même page) : copiez-la dans la variable que `secrets` "
                "nomme ; pour un sous-compte, la sienne."
            ),
            (
                'Réponses : Receiving > Create route, expression match_recipient("…") sur votre '
                'adresse de réponse, action store(notify="{url}").'
            ),
        ),
        "en": (
            "Send > Sending > Webhooks, your sending domain: add {url} for every type of event.",
            (
                "HTTP webhook signing key (same page): copy it into the variable that `secrets` "
                "names; for a subaccount, its own."
            ),
            (
                'Replies: Receiving > Create route, expression match_recipient("…") on your '
                'address for replies, action store(notify="{url}").'
            ),
        ),
    },
    notes={
        "fr": (
            (
                "Mailgun n'envoie `delivered` qu'une fois : ce qui arrive pendant que la "
                "passerelle ou Kafka est arrêté est perdu ; sans Redis, il est mis de côté, à "
                "rejouer."
            ),
            (
                "La signature ne couvre pas le contenu : chaque jeton ne sert qu'une fois, ce qui "
                "demande Redis ; sans lui, Mailgun renvoie plus tard."
            ),
            "L'identifiant du mail est celui que l'envoi a rendu, sans chevrons.",
            (
                "Une réponse n'est rattachée que par l'adresse de son auteur, sans sentiment ; les "
                "réponses automatiques sont ignorées."
            ),
            (
                "Une réponse vient avec ses pièces jointes, jusqu'à 64 Mo : un proxy doit les "
                "laisser passer ; elles ne sont ni lues, ni gardées."
            ),
            "Un mail retenu par la liste de suppression n'est pas compté comme rejeté.",
        ),
        "en": (
            (
                "Mailgun sends `delivered` only once: what comes while the gateway or Kafka is "
                "down is lost; without Redis it is set aside, to be replayed."
            ),
            (
                "The signature does not cover the content: each token may be used once, which "
                "needs Redis; without it Mailgun sends again later."
            ),
            "The id of a mail is the one that sending returned, without angle brackets.",
            (
                "A reply is attributed by its author's address only, without a sentiment; "
                "automatic replies are ignored."
            ),
            (
                "A reply comes with its attachments, up to 64 MB: a proxy must let them through; "
                "they are neither read nor kept."
            ),
            "A mail held back by the suppression list does not count as bounced.",
        ),
    },
)


def _is_json(body: bytes) -> bool:
    return body.lstrip()[:1] == b"{"


def _form(body: bytes) -> dict[str, str]:
    # Of a repeated field the last is Mailgun's own: what the mail brings along stands before it.
    return multipart(body) if body.startswith(b"--") else form(body, last=True)


def _proof(body: bytes) -> tuple[bytes, bytes, bytes]:
    """Time, token and signature as they came, empty when they cannot be read."""
    try:
        fields = json_object(body).get("signature") if _is_json(body) else _form(body)
        proof = an_object(fields, "its `signature`")
    except NotUnderstood:
        return b"", b"", b""
    timestamp, token, signature = (
        (text(proof, name) or "").encode() for name in ("timestamp", "token", "signature")
    )
    return timestamp, token, signature


def _event(body: bytes) -> dict[str, Any]:
    return an_object(json_object(body).get("event-data"), "its `event-data`")


def _item(raw: bytes, event: Mapping[str, Any], wishes: Wishes) -> Item:
    word = event.get("event")
    if isinstance(word, str) and (word in wishes.ignore or word in IGNORED):
        return Item(raw)
    if not isinstance(word, str) or word not in TYPES:
        return Item(raw, not_understood="its `event` is none that is documented")
    if any(inside(event, "flags", name) is True for name in _NO_MAIL):
        return Item(raw)
    kind, data = (TYPES[word], None) if word != "failed" else _failed(event)
    if kind is None:
        return Item(raw)
    at = seconds(event, "timestamp")
    fields = {"tags": event.get("tags"), **passed(event.get("user-variables"))}
    address = text(event, "recipient")
    touchpoint = Touchpoint(
        type=kind,
        # Unique only within a day, so with the event's own time.
        id=f"{needed(event, 'id')}:{at:.6f}",
        at=at,
        prospect=wishes.prospect(fields),
        person=wishes.identities.email(address or ""),
        campaign=wishes.campaign(fields),
        message=wishes.message(fields)
        or (text(event, "message", "headers", "message-id") or "").strip("<> ")
        or None,
        data=data,
    )
    return Item(raw, (touchpoint,))


def _failed(event: Mapping[str, Any]) -> tuple[str | None, Mapping[str, str] | None]:
    """What a failure is: the type and its data, no type when nothing left."""
    severity, reason = event.get("severity"), text(event, "reason") or ""
    if severity == "temporary":
        # Mailgun goes on trying.
        return "email.deferred", None
    if severity != "permanent":
        raise NotUnderstood("its `severity` is none that is documented")
    if reason.startswith("suppress-"):
        # Not sent, because of what happened to an earlier mail and was told then.
        return None, None
    code = number(event, "delivery-status", "code")
    temporary = _TEMPORARY.match(text(event, "delivery-status", "message") or "")
    against_address = reason in {"bounce", "delayed-bounce"} and not temporary
    is_hard = against_address and (code is None or (code >= _PERMANENT and code != _FULL))
    return "email.bounced", {"bounce": "hard" if is_hard else "soft"}


def _reply(raw: bytes, fields: Mapping[str, str], wishes: Wishes) -> Item:
    """An incoming mail: by `forward()` or `store(notify=…)` of a route."""
    headers, sender = _headers(fields), fields.get("sender")
    if sender is None:
        raise NotUnderstood("it is a form, and no incoming mail: it has no `sender`")
    if is_automatic([("return-path", f"<{sender.strip('<> ')}>"), *headers]):
        return Item(raw)
    # The header's address, as forwarding rewrites the envelope's.
    address = parseaddr(fields.get("from", ""))[1] or sender
    at = seconds(fields, "timestamp")
    # Its own id, since the time is that of the signature, which a retry may change.
    mail = next((value for name, value in headers if name.lower() == "message-id"), at)
    touchpoint = Touchpoint(
        type="email.replied",
        id=wishes.event_id("mailgun", "replied", address.lower(), mail),
        at=at,
        person=wishes.identities.email(address),
    )
    return Item(raw, (touchpoint,))


def _headers(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """The mail's headers, in `message-headers` as a JSON list of pairs."""
    written = needed(fields, "message-headers").encode()
    try:
        return decoded(_HEADERS.decode, written)
    except (ValueError, RecursionError):
        raise NotUnderstood("its `message-headers` are no list of pairs") from None
