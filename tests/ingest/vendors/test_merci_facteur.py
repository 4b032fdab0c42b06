"""Merci Facteur's words, states and letters, one by one."""

import json
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.vendors.exchange import case_of, exchange

CASE = case_of("merci_facteur")


def letter(**changes: Any) -> dict[str, Any]:
    return {
        "ref_courrier": "MF-1",
        "mode_envoi": "lrar",
        "statut_courrier": "distribue",
        "ref_interne": "spring p-8 l-3",
    } | changes


def kept(word: object, *letters: object, at: object = 1_772_445_600) -> dict[str, Any]:
    event = {"name_event": word, "id_user": 17460, "date_event": at}
    return {"event": event, "detail": list(letters)}


def sent(body: dict[str, Any]) -> bytes:
    """A body as it is sent: a form whose fields are JSON texts."""
    fields = {name: json.dumps(value) for name, value in body.items()}
    return urllib.parse.urlencode(fields).encode()


def told(word: object, *letters: object, **at: object) -> bytes:
    return sent(kept(word, *letters, **at))


@pytest.mark.parametrize(
    ("word", "state", "kind"),
    [
        ("new", "wait", None),
        ("printed", "imprime", None),
        ("sended", "envoye", "postal.sent"),
        ("pdd", "scan_pdd", "postal.sent"),
        ("new-state", "pris_en_charge", "postal.sent"),
        ("new-state", "attente_au_guichet", "postal.sent"),
        ("new-state", "accept_wait", "postal.sent"),
        ("delivered", "distribue", "postal.delivered"),
        ("delivered", "accepted_downloaded", "postal.delivered"),
        ("are", "retour_are", "postal.delivered"),
        ("pnd", "distribue_expediteur", "postal.returned"),
        ("pnd", "archivage_pnd", "postal.returned"),
        ("pnd", "refused", "postal.returned"),
        ("error", "non_distribuable", "postal.returned"),
        ("error", "retour_expediteur", "postal.returned"),
        ("error", "accept_notification_error", "postal.returned"),
        ("error", "probleme_en_cours", None),
        ("error", "accept_lock", None),
    ],
)
async def test_each_word_is_one_of_ours_or_proves_nothing(
    tmp_path: Path, word: str, state: str, kind: str | None
) -> None:
    events, letters = await exchange(CASE, tmp_path, told(word, letter(statut_courrier=state)))
    assert [event.type for event in events] == ([kind] if kind else [])
    assert letters == []


@pytest.mark.parametrize("mode", ["suivi", "lrar", "lrare", None])
async def test_only_a_letter_without_tracking_is_sent_when_it_is_printed(
    tmp_path: Path, mode: str | None
) -> None:
    printed = told("printed", letter(mode_envoi=mode), letter(mode_envoi="normal"))
    events, _ = await exchange(CASE, tmp_path, printed)
    assert [event.type for event in events] == ["postal.sent"]


async def test_the_reference_may_name_the_campaign_the_prospect_and_the_letter(
    tmp_path: Path,
) -> None:
    froms = ("campaign_from", "prospect_from", "message_from")
    for reference, names in (
        ("spring p-8 l-3", [f"ref_interne.{number}" for number in (1, 2, 3)]),
        ("cmp=spring&id=p-8&letter=l-3", ["cmp", "id", "letter"]),
    ):
        keys = dict(zip(froms, names, strict=True))
        body = told("delivered", letter(ref_interne=reference))
        ((event,), _) = await exchange(CASE, tmp_path, body, **keys)
        assert (event.campaign, event.subject, event.message) == ("spring", "p-8", "l-3")
    whole = letter(ref_interne="p_9")
    ((event,), _) = await exchange(
        CASE, tmp_path, told("delivered", whole), prospect_from="ref_interne"
    )
    assert (event.campaign, event.subject, event.message) == ("c", "p_9", "MF-1")


async def test_two_letters_and_two_states_are_distinct_and_a_redelivery_is_not(
    tmp_path: Path,
) -> None:
    bodies = [
        told("pnd", letter(), letter(ref_courrier="MF-2")),
        told("pnd", letter(statut_courrier="archivage_pnd")),
        told("pnd", letter(statut_courrier="archivage_pnd", id_envoi="E9")),
    ]
    events, _ = await exchange(CASE, tmp_path, *bodies)
    ids = [event.id for event in events]
    assert len(set(ids[:3])) == 3
    assert ids[3] == ids[2]


@pytest.mark.parametrize(
    "strange",
    [
        kept("delivered", letter(ref_courrier=None), at=1),
        kept("delivered", letter(ref_courrier=None)),
        kept("delivered", letter(), at=None),
        kept("delivered", letter(), at="noon"),
        kept("delivered", 7),
        kept("new-state", letter(statut_courrier="envole")),
        kept("error", letter(statut_courrier=None)),
        kept("error", letter(statut_courrier=["x"])),
        kept("levitated", letter()),
    ],
)
async def test_a_letter_that_is_not_understood_is_kept_with_its_event(
    tmp_path: Path, strange: dict[str, Any]
) -> None:
    # What was kept can be read again, and comes to the same.
    for body in (sent(strange), strange):
        events, letters = await exchange(CASE, tmp_path, body)
        assert events == []
        assert [json.loads(each.value or b"") for each in letters] == [strange]


@pytest.mark.parametrize(
    "body",
    [
        b"event=%7B%7D",
        b"event=7&detail=%5B%5D",
        b"event=%7B%7D&detail=%7B%7D",
        b"event=x&detail=%5B%5D",
        b"event=&detail=",
        {"event": {}},
        {"detail": []},
    ],
)
async def test_a_body_without_its_two_parts_is_kept_whole(tmp_path: Path, body: object) -> None:
    events, letters = await exchange(CASE, tmp_path, body)
    assert (len(events), len(letters)) == (0, 1)


async def test_a_letter_that_is_not_understood_does_not_hold_back_the_others(
    tmp_path: Path,
) -> None:
    events, letters = await exchange(CASE, tmp_path, told("delivered", {}, letter()))
    assert [event.message for event in events] == ["MF-1"]
    assert len(letters) == 1


async def test_a_word_that_the_source_ignores_is_passed_over(tmp_path: Path) -> None:
    strange = told("levitated", letter())
    assert await exchange(CASE, tmp_path, strange, ignore=["levitated"]) == ([], [])
