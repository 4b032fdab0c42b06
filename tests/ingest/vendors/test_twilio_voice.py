"""Twilio Voice: who answered, how long, and which calls are touches."""

from typing import Any

import pytest

from streamer.ingest.vendors import NotUnderstood
from streamer.ingest.vendors.twilio_voice import VENDOR
from tests.ingest.vendors.parsing import IDENTITIES, RECEIVED, form, items, touchpoints, wishes

HUMAN = {"connected": "human"}
PICKED_UP = {"connected": "picked_up"}
# Thu, 12 Nov 2026 14:00:00 UTC.
ENDED = 1_794_492_000.0


def call(word: str | None, **changes: Any) -> dict[str, Any]:
    """A status callback; a change to None takes the field away."""
    whole = {
        "CallSid": "CA1",
        "CallStatus": word,
        "SequenceNumber": "3",
        "Timestamp": "Thu, 12 Nov 2026 15:00:00 +0100",
        "To": "+33612345678",
        "From": "+33186000000",
        "Direction": "outbound-api",
    }
    return whole | changes


def told(
    fields: dict[str, Any], options: dict[str, str] | None = None, **wished: Any
) -> list[tuple[str, float]]:
    given = wishes(VENDOR, options=options or HUMAN, **wished)
    return [(each.type, each.at) for each in touchpoints(VENDOR, form(fields), given)]


@pytest.mark.parametrize("word", ["initiated", "ringing", "in-progress"])
def test_until_the_end_a_call_is_only_made(word: str) -> None:
    for options in (HUMAN, PICKED_UP):
        assert told(call(word), options) == [("phone.made", ENDED)]


@pytest.mark.parametrize("word", ["busy", "no-answer", "failed", "canceled"])
def test_a_call_that_nobody_answers_is_unreached(word: str) -> None:
    for options in (HUMAN, PICKED_UP):
        assert told(call(word, CallDuration="0"), options) == [("phone.unreached", ENDED)]


@pytest.mark.parametrize(
    ("who", "detected", "picked_up"),
    [
        ("human", "connected", "connected"),
        ("machine_start", "unreached", "unreached"),
        ("machine_end_beep", "unreached", "unreached"),
        ("machine_end_silence", "unreached", "unreached"),
        ("machine_end_other", "unreached", "unreached"),
        ("fax", "unreached", "unreached"),
        ("unknown", None, "connected"),
        (None, None, "connected"),
    ],
)
def test_who_answered_is_what_the_machine_detection_heard_else_as_the_source_says(
    who: str | None, detected: str | None, picked_up: str | None
) -> None:
    fields = call("completed", CallDuration="49", Duration="1", AnsweredBy=who)
    for options, wanted in ((HUMAN, detected), (PICKED_UP, picked_up)):
        kinds = [kind.removeprefix("phone.") for kind, _ in told(fields, options)]
        assert kinds == ([wanted] if wanted else []) + ["completed"]


def test_the_answer_was_as_long_before_the_end_as_the_call_lasted_in_seconds() -> None:
    fields = call("completed", CallDuration="49", Duration="1", AnsweredBy="human")
    connected, completed = touchpoints(VENDOR, form(fields), wishes(VENDOR, options=HUMAN))
    assert (connected.at, connected.data) == (ENDED - 49, None)
    assert (completed.at, completed.data) == (ENDED, {"duration": 49})
    assert (connected.id, completed.id) == ("CA1:3:connected", "CA1:3:completed")


def test_an_asynchronous_detection_tells_it_by_itself() -> None:
    for who, wanted in (("human", "phone.connected"), ("machine_start", "phone.unreached")):
        fields = {"CallSid": "CA1", "AnsweredBy": who, "MachineDetectionDuration": "900"}
        assert told(fields) == [(wanted, RECEIVED)]
    assert told({"CallSid": "CA1", "AnsweredBy": "unknown"}) == []


@pytest.mark.parametrize(
    "fields",
    [
        call("queued"),
        call("completed", Direction="inbound", From="+33612345678", To="+33186000000"),
        call("no-answer", Direction="inbound"),
        call("completed", Direction="outbound-dial", To="client:alice"),
        call("completed", Direction="outbound-dial", To="sip:alice@example.fr"),
        {"CallSid": "CA1", "RecordingSid": "RE1", "RecordingStatus": "completed"},
    ],
)
def test_only_our_calls_to_a_number_are_touches(fields: dict[str, Any]) -> None:
    assert told(fields, PICKED_UP) == []


def test_a_leg_of_dial_to_a_number_is_a_touch() -> None:
    fields = call("busy", Direction="outbound-dial", ParentCallSid="CA0")
    assert told(fields) == [("phone.unreached", ENDED)]


def test_words_that_the_source_ignores_are_passed_over() -> None:
    assert told(call("ringing"), ignore=frozenset({"ringing"})) == []


def test_the_rep_and_the_campaign_stand_in_the_url() -> None:
    given = wishes(
        VENDOR,
        options={**HUMAN, "rep_from": "agent"},
        campaign_from="cmp",
        reps={"7": "Ana"},
    )
    for agent, rep in (("7", "Ana"), ("8", "8"), ("a%40b.fr", IDENTITIES.email("a@b.fr"))):
        request = form(call("initiated"), f"cmp=spring&agent={agent}")
        (found,) = touchpoints(VENDOR, request, given)
        assert (found.campaign, found.message, found.data) == ("spring", "CA1", {"rep": rep})
    (found,) = touchpoints(VENDOR, form(call("initiated")), given)
    assert found.data is None


def test_without_a_time_or_a_number_of_its_own_it_has_those_of_the_request_and_the_word() -> None:
    fields = call("busy", Timestamp=None, SequenceNumber=None)
    (found,) = touchpoints(VENDOR, form(fields), wishes(VENDOR, options=HUMAN))
    assert (found.id, found.at) == ("CA1:busy:unreached", RECEIVED)


@pytest.mark.parametrize("value", [None, "all", 7])
def test_a_source_must_say_which_calls_are_connected(value: object) -> None:
    with pytest.raises(ValueError, match="which calls are connected"):
        VENDOR.keys["connected"](value)
    with pytest.raises(ValueError, match="must name"):
        VENDOR.keys["rep_from"](7)


@pytest.mark.parametrize(
    "fields",
    [
        call(None),
        call("levitated"),
        call("busy", Direction=None),
        call("busy", Direction="sideways"),
        call("busy", CallSid=None),
        call("busy", To=None),
        call("busy", Timestamp="at noon"),
        call("completed", AnsweredBy="a parrot"),
    ],
)
def test_what_is_not_as_documented_is_not_understood(fields: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood):
        items(VENDOR, form(fields), wishes(VENDOR, options=HUMAN))
