"""What the text of a reply says."""

from dataclasses import replace

import pytest

from streamer.identity.identities import Identities
from streamer.ingest.text_replies import reply, with_sentiments
from streamer.ingest.vendors import Wishes

WISHES = Wishes(
    identities=Identities(b"secret"),
    tags={"oui": "positive", "2": "negative", "rdv": "meeting", "stop": "positive"},
)


@pytest.mark.parametrize(
    ("text", "kind", "data"),
    [
        ("Rappelez-moi", "sms.replied", None),
        ("", "sms.replied", None),
        (" OUI ", "sms.replied", {"sentiment": "positive"}),
        ("2", "sms.replied", {"sentiment": "negative"}),
        ("oui mais non", "sms.replied", None),
        ("RDV", "sms.replied", None),
        ("Stop !", "sms.opted_out", None),
        ("Non-stop", "sms.replied", None),
    ],
)
def test_a_text_is_an_opt_out_or_a_reply_whose_sentiment_only_tags_know(
    text: str, kind: str, data: object
) -> None:
    assert reply(text, WISHES) == (kind, data)


def test_a_source_may_have_opt_outs_of_its_own() -> None:
    own = replace(WISHES, opt_out_words={"9", "oui"})
    assert [reply(text, own).type for text in ("9", "Oui !", "8")] == [
        "sms.opted_out",
        "sms.opted_out",
        "sms.replied",
    ]


def test_sentiments_are_told_only_when_tags_name_them() -> None:
    tells = with_sentiments("sms.sent")
    assert tells(WISHES) == {"sms.sent", "sms.replied:positive", "sms.replied:negative"}
    assert tells(Wishes(identities=Identities(b"secret"))) == {"sms.sent"}
