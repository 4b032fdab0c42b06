"""Worked cases where the rules of attribution and of persons meet, computed by hand."""

from tests.recount.cases import Case, cases_of, event


def contacts_at_the_same_second_on_every_channel() -> Case:
    """The channel order decides: SMS is last, so it has p1's meeting; p2's SMS failed: the letter.

    The call is not known to be connected, but it would not win in any case.
    """
    events = [
        event(kind, "09:00:00", person, f"{kind}-{person}")
        for person in ("p1", "p2")
        for kind in (
            *("email.sent", "linkedin.accepted", "phone.made", "postal.sent", "sms.sent"),
            *(("sms.failed",) if person == "p2" else ()),
        )
    ]
    # Its failure is told of the message that was sent.
    events[-1]["message"] = "sms.sent-p2"
    events += [event("meeting.booked", "10:00:00", person) for person in ("p1", "p2")]
    return events, {
        "attributed sms meeting": 1,
        "attributed postal meeting": 1,
        "attributed email meeting": 0,
        "sms positive": 1,
        "postal replied": 1,
        "kpi all reactivity_delay": (3600.0, 7200, 2),
    }


def contacts_at_the_same_second_on_one_channel() -> Case:
    """The greatest message id by code point has the reply: m9, not m10, which has one by name."""
    return [
        event("email.sent", "09:00:00", "p1", "m9"),
        event("email.sent", "09:00:00", "p1", "m10"),
        event("email.replied", "09:30:00", "p1", "m10"),
        event("email.replied", "10:00:00", "p1"),
    ], {"email replied": 2, "attributed email replied": 1, "email replied 1h": 1}


def the_same_meeting_up_to_a_day_away() -> Case:
    """86,400.9 s after the call's meeting is 86,400 once cut: told twice. A second more is not.

    That other meeting goes to the SMS, a contact later than the call, whose meeting is known.
    """
    return [
        event("phone.completed", "2026-03-01T09:00:00Z", "p1", "c1", {"outcome": "meeting"}),
        event("sms.sent", "08:00:00", "p1", "s1"),
        event("meeting.booked", "09:00:00.9", "p1"),
        event("meeting.booked", "09:00:01", "p1"),
    ], {
        "attributed sms meeting": 1,
        "unattributed meeting": 0,
        "sms meeting": 1,
        "phone meeting": 1,
        "all meeting": 1,
        "all meeting 24h": 0,
    }


def a_meeting_told_twice_by_another_of_the_person() -> Case:
    """The dialler knows a number, the calendar an address; the link that comes last joins them.

    Then the mail has no meeting: the call has it, and nothing waits.
    """
    return [
        event("phone.completed", "09:00:00", "number", "c1", {"outcome": "meeting"}),
        event("email.sent", "08:00:00", "address", "m1"),
        event("meeting.booked", "09:10:00", "address"),
        event("prospect.linked", "10:00:00", "person", data={"identities": ["number", "address"]}),
    ], {
        "email meeting": 0,
        "phone meeting": 1,
        "all meeting": 1,
        "unattributed meeting": 0,
        "all contacted": 1,
    }


def an_outcome_corrected_after_the_meeting_was_told_twice() -> Case:
    """`none` clears the call's meeting, so the calendar's one is no repetition any more.

    The call is not known to be connected now, and is passed over: the mail has the meeting. The
    prospect's meeting is the calendar's too, at 09:50, not the call's at 09:00.
    """
    return [
        event("email.sent", "08:00:00", "p1", "m1"),
        event("phone.completed", "09:00:00", "p1", "c1", {"outcome": "meeting"}),
        event("meeting.booked", "09:50:00", "p1"),
        event("phone.completed", "10:00:00", "p1", "c1", {"outcome": "none"}),
    ], {
        "phone meeting": 0,
        "phone connected": 0,
        "attributed email meeting": 1,
        "all meeting": 1,
        "all meeting 1h": 1,
    }


def a_smaller_subject_takes_the_touch_and_the_reply_moves() -> Case:
    """Zoe's reply was her second SMS's until that turned out to be Adam's: now it is her first's.

    Two prospects are contacted; Zoe alone answered, an hour after 09:00; Adam did not.
    """
    return [
        event("sms.sent", "09:00:00", "zoe", "s1"),
        event("sms.sent", "09:30:00", "zoe", "s2"),
        event("sms.replied", "10:00:00", "zoe"),
        event("sms.delivered", "09:31:00", "adam", "s2"),
    ], {
        "sms contacted": 2,
        "sms answered": 1,
        "attributed sms replied": 1,
        "kpi sms reactivity_delay": (3600.0, 3600, 1),
    }


def a_reply_finds_the_touch_that_is_told_later() -> Case:
    """The mail of 10:05 does not fit; one known only by its delivery at 09:50 does.

    Its delivery implies that it was sent then, so the answer came after 600 s.
    """
    return [
        event("email.replied", "10:00:00", "p1", data={"sentiment": "negative"}),
        event("email.sent", "10:05:00", "p1", "m1"),
        event("email.delivered", "09:50:00", "p1", "m2"),
    ], {
        "email negative": 1,
        "unattributed replied": 0,
        "kpi email reactivity_delay": (600.0, 600, 1),
        "kpi email reply": (1.0, 1, 1),
    }


def what_an_attribution_proves_helps_no_other() -> Case:
    """The phone's meeting makes the call connected, in the counts but not as known by name.

    So the meeting of any channel passes the call over, and goes to the earlier mail.
    """
    return [
        event("email.sent", "08:00:00", "p1", "m1"),
        event("phone.made", "09:00:00", "p1", "c1"),
        event("meeting.booked", "09:10:00", "p1", data={"channel": "phone"}),
        event("meeting.booked", "09:20:00", "p1"),
    ], {
        "attributed phone meeting": 1,
        "attributed email meeting": 1,
        "phone connected": 1,
        "phone meeting": 1,
        "email meeting": 1,
    }


def two_attributed_meetings_of_one_touch() -> Case:
    """An attributed meeting is not one that events naming their touch prove: both find the mail.

    `attributed` counts touches, not events: one. The earlier of the two is the mail's meeting.
    """
    return [
        event("email.sent", "08:00:00", "p1", "m1"),
        event("meeting.booked", "09:10:00", "p1"),
        event("meeting.booked", "10:00:00", "p1"),
    ], {"attributed email meeting": 1, "email meeting": 1, "email meeting 1h": 0}


def a_meeting_with_a_message_but_no_channel() -> Case:
    """Read as one without message: the latest contact has it, not the one whose id it carries."""
    return [
        event("email.sent", "08:00:00", "p1", "m1"),
        event("sms.sent", "09:00:00", "p1", "s1"),
        event("meeting.booked", "10:00:00", "p1", "m1", {"channel": "fax"}),
    ], {"email meeting": 0, "sms meeting": 1, "attributed sms meeting": 1}


def a_named_meeting_of_another_subject() -> Case:
    """The letter is Adam's, the smallest; its meeting carries Zoe. So both have a meeting."""
    return [
        event("postal.sent", "08:00:00", "adam", "l1"),
        event("meeting.booked", "10:00:00", "zoe", "l1", {"channel": "postal"}),
    ], {
        "postal meeting": 1,
        "all meeting": 2,
        "all contacted": 1,
        "all answered": 1,
        "kpi all meeting_rate": (2.0, 2, 1),
    }


def a_bounce_dated_in_the_future() -> Case:
    """Whenever it became known: the mail did not arrive, so the reply of today waits.

    The bounce counts for the campaign and in no window yet.
    """
    return [
        event("email.delivered", "09:00:00", "p1", "m1"),
        event("email.replied", "10:00:00", "p1"),
        event("email.bounced", "2026-03-03T09:00:00Z", "p1", "m1", {"bounce": "hard"}),
    ], {
        "unattributed replied": 1,
        "email replied": 0,
        "email answered": 0,
        "email hard_bounced": 1,
        "email hard_bounced 24h": 0,
    }


def one_id_with_and_without_channel() -> Case:
    """Without message, its channel is a part of what an event is known by: two meetings.

    Both find the SMS, the latest contact on any channel and on its own.
    """
    return [
        event("sms.sent", "09:00:00", "p1", "s1"),
        event("meeting.booked", "09:10:00", "p1", id="b1"),
        event("meeting.booked", "08:10:00", "p1", data={"channel": "sms"}, id="b1"),
    ], {"attributed sms meeting": 1, "unattributed meeting": 1, "all meeting": 1}


def sentiments_of_a_redelivered_reply() -> Case:
    """One event known by its id: at the earliest of its times, with both of its sentiments."""
    return [
        event("sms.sent", "09:00:00", "p1", "s1"),
        event("sms.replied", "10:00:00", "p1", data={"sentiment": "negative"}, id="r1"),
        event("sms.replied", "09:10:00", "p1", data={"sentiment": "positive"}, id="r1"),
    ], {
        "sms positive": 1,
        "sms negative": 1,
        "sms negative 1h": 0,
        "sms replied": 1,
        "attributed sms replied": 1,
    }


def touches_that_nobody_owns() -> Case:
    """A touch without a subject counts for its channel, never for a prospect or an attribution.

    Nor does the message of a cancellation make a touch.
    """
    return [
        event("email.opened", "09:00:00", None, "m1"),
        event("email.replied", "10:00:00", "p1"),
        event("meeting.canceled", "10:00:00", "p1", "m2"),
    ], {
        "email sent": 1,
        "email opened": 1,
        "email replied": 0,
        "unattributed replied": 1,
        "email contacted": 0,
        "all contacted": 0,
        "all meeting_canceled": 1,
    }


def a_link_moves_a_reply_to_a_later_contact() -> Case:
    """Before the link the reply of the number is its only SMS's; together the later one has it."""
    return [
        event("sms.sent", "08:00:00", "a", "s1"),
        event("sms.sent", "09:00:00", "b", "s2"),
        event("sms.replied", "10:00:00", "a"),
        event("prospect.linked", "2026-03-09T00:00:00Z", "x", data={"identities": ["a"]}),
        event("prospect.linked", "2026-03-09T00:00:00Z", "b", data={"identities": ["x"]}),
        event("sms.failed", "2026-03-09T00:00:00Z", None, "s1"),
    ], {
        "sms replied": 1,
        "sms delivered": 1,
        "sms contacted": 1,
        # From the first contact, which failed, to the answer.
        "kpi sms reactivity_delay": (7200.0, 7200, 1),
        "kpi sms no_response": (0.0, 0, 1),
    }


CASES = cases_of(globals())
