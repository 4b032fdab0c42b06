"""What a prospect's text message says, whichever vendor brings it. Pure."""

from collections.abc import Callable
from typing import Final, NamedTuple

from streamer.ingest.opt_out import is_opt_out
from streamer.ingest.vendors import Wishes

# Of what the source's tags may stand for, what a reply can be.
_SENTIMENTS: Final = frozenset({"positive", "negative", "neutral"})


class Reply(NamedTuple):
    """The type and the data of a reply's event."""

    type: str
    data: dict[str, str] | None = None


OPTED_OUT: Final = Reply("sms.opted_out")


def reply(text: str, wishes: Wishes) -> Reply:
    """An opt-out if the text is one, else a reply.

    It has a sentiment only if the source's `tags` name the whole text, as for « 1 si oui ».
    """
    if is_opt_out(text, wishes.opt_out_words):
        return OPTED_OUT
    meaning = wishes.tag(text)
    return Reply("sms.replied", {"sentiment": meaning} if meaning in _SENTIMENTS else None)


def with_sentiments(*facts: str) -> Callable[[Wishes], frozenset[str]]:
    """What a vendor can tell: these facts, and the sentiments that the source's tags name."""

    def tells(wishes: Wishes) -> frozenset[str]:
        named = _SENTIMENTS.intersection(wishes.tags.values())
        return frozenset(facts) | {f"sms.replied:{each}" for each in named}

    return tells
