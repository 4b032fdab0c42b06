"""A source that is described in the sources file: any vendor without a module of its own.

How it proves itself and in what form it sends is here; what an item means is `ingest.mapping`'s.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from streamer.ingest import mapping, options
from streamer.ingest.fields import form, json_items, json_value
from streamer.ingest.vendors import (
    Answer,
    Delivery,
    Item,
    NotUnderstood,
    RetryContract,
    Vendor,
    Verifier,
    Verify,
    Wishes,
)
from streamer.ingest.verification import (
    basic,
    bearer,
    header_secret,
    hmac_of,
    path_secret,
    unbase64,
    unhex,
)

_HOUR: Final = 3_600.0

# Nothing is known of the vendor: this is what nearly all of them do.
RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=401, horizon=24 * _HOUR, delays=(), known=False
)

_DECODED: Final = {"hex": unhex, "base64": unbase64}


def _hmac(given: Mapping[str, Any]) -> Verifier:
    name, prefix = given["hmac_header"].lower().encode(), (given["hmac_prefix"] or "").encode()

    def signature(delivery: Delivery) -> bytes | None:
        value = delivery.headers.get(name, b"").strip()
        if not value.startswith(prefix):
            return None
        return _DECODED[given["hmac_encoding"]](value.removeprefix(prefix))

    return hmac_of(lambda delivery: delivery.body, signature, given["hmac_algorithm"])


_PROOFS: Final[Mapping[str, Callable[[Mapping[str, Any]], Verifier]]] = {
    "basic": lambda _: basic(),
    "bearer": lambda _: bearer(),
    "header": lambda given: header_secret(given["secret_header"].lower().encode()),
    "hmac": _hmac,
    "path": lambda _: path_secret(),
}


def _verifier(secrets: Sequence[str], given: Mapping[str, Any]) -> Verify:
    return _PROOFS[given["proof"]](given)(secrets, given)


def _fault(wishes: Wishes) -> tuple[str, str] | None:
    given = wishes.options
    for proof, name in (("hmac", "hmac_header"), ("header", "secret_header")):
        if given["proof"] == proof and given[name] is None:
            return name, f"is missing: proof = {proof} needs the header's name"
        if given["proof"] != proof and given[name] is not None:
            return name, f"goes with proof = {proof} only"
    if given["proof"] == "hmac" and given["format"] == "query":
        return "proof", "cannot be hmac of a query: it covers the body, and there is none"
    return mapping.fault(wishes)


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    for raw, value in _items(delivery, wishes):
        try:
            if isinstance(value, NotUnderstood):
                raise value
            found = mapping.touchpoint(value, wishes, delivery.received)
        except NotUnderstood as problem:
            yield Item(raw, not_understood=str(problem))
        else:
            yield Item(raw, (found,) if found else ())


def _items(delivery: Delivery, wishes: Wishes) -> Iterator[tuple[bytes, Any]]:
    """The raw bytes and the value, or the NotUnderstood, of each item of a request.

    The raw bytes can be read again alone: where `items` finds the list, they are the whole body.
    """
    match wishes.options["format"]:
        case "query":
            yield delivery.query, _form(delivery.query)
        case "form":
            yield delivery.body, _form(delivery.body)
        case _ if wishes.options["items"] is None:
            yield from json_items(delivery.body)
        case _:
            body = json_value(delivery.body)
            for value in _listed(body, wishes.options["items"]):
                # What all of them have in common stands beside the list.
                item = {**value, "_body": body} if isinstance(value, Mapping) else value
                yield delivery.body, item


def _form(content: bytes) -> dict[str, str] | NotUnderstood:
    try:
        return form(content)
    except NotUnderstood as problem:
        return problem


def _listed(body: object, items: options.Expression) -> Sequence[Any]:
    try:
        found = items(body)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise NotUnderstood("its `items` is not a list")
    return found


VENDOR: Final = Vendor(
    name="generic",
    title="Generic",
    proof="as its key `proof` says",
    retries=RETRIES,
    verifier=_verifier,
    read=_read,
    tells=mapping.tells,
    setup={
        "fr": (
            'URL du webhook, en POST : {url} (avec proof = "path", ajoutez /SECRET à la fin).',
            (
                "proof dit comment il s'authentifie : hmac (avec hmac_header), header (avec "
                "secret_header), basic, bearer ou path."
            ),
            (
                "type est une expression JMESPath qui donne le mot de l'éditeur, et types traduit "
                'chaque mot : email.sent, email.bounced:hard… ou "" pour l\'ignorer.'
            ),
            (
                "id, time (avec time_format), message, email, phone, linkedin et crm disent où "
                "trouver le reste : voir la page sur la source générique."
            ),
        ),
        "en": (
            'The webhook\'s URL, by POST: {url} (with proof = "path" add /SECRET at its end).',
            (
                "proof says how it proves itself: hmac (with hmac_header), header (with "
                "secret_header), basic, bearer or path."
            ),
            (
                "type is a JMESPath expression that gives the vendor's word, and types translates "
                'each word: email.sent, email.bounced:hard… or "" to pass it over.'
            ),
            (
                "id, time (with time_format), message, email, phone, linkedin and crm say where "
                "the rest stands: see the page on the generic source."
            ),
        ),
    },
    notes={
        "fr": (
            "Sans time, l'heure est celle de la réception, et id est obligatoire.",
            "Un mot absent de types est mis de côté, et l'éditeur reçoit un succès.",
            "Une signature horodatée ou une réponse autre que 200 demandent un module.",
        ),
        "en": (
            "Without time the moment is that of reception, and id must be there.",
            "A word that is not in types is set aside, and the vendor is answered with success.",
            "A signed time, or an answer other than 200, takes a module of its own.",
        ),
    },
    methods=frozenset({"GET", "POST"}),
    keys={
        "proof": options.one_of(*_PROOFS),
        "hmac_header": options.text,
        "hmac_encoding": options.one_of(*_DECODED, default="hex"),
        "hmac_algorithm": options.one_of("sha256", "sha1", "sha512", default="sha256"),
        "hmac_prefix": options.text,
        "secret_header": options.text,
        "format": options.one_of("json", "form", "query", default="json"),
        **mapping.KEYS,
    },
    fault=_fault,
)
