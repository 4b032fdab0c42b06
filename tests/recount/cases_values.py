"""Worked cases where times, calls, amounts, plans and windows meet, computed by hand."""

from tests.recount.cases import Case, cases_of, event


def a_customer_before_any_contact() -> Case:
    """On the channel the customer counts at the later time, the contact; over all at its own."""
    return [
        event("customer.won", "08:00:00", "p1"),
        event("email.sent", "10:00:00", "p1", "m1"),
        event("lead.qualified", "09:00:00", "p1"),
    ], {
        "email customer 1h": 1,
        "all customer": 1,
        "all customer 1h": 0,
        "all qualified 24h": 1,
        # A customer is qualified at once, not when somebody says so.
        "all qualified 1h": 0,
        "kpi email conversion 1h": (1.0, 1, 1),
    }


def second_sixty_wherever_it_stands() -> Case:
    """`:60` is the next second: at the year's end, within an hour, in any offset, with decimals.

    So it enters the five minutes from 10:26, crosses into 2000 and out of 2099.
    """
    return [
        event("sms.sent", "10:25:60", "p1", "s1"),
        event("sms.sent", "10:25:60.999", "p2", "s2"),
        event("sms.sent", "2026-03-02T11:55:60+01:30", "p3", "s3"),
        event("sms.sent", "10:25:59.9999999", "p4", "s4"),
        event("sms.sent", "1999-12-31T23:59:60Z", "p5", "s5"),
        event("sms.sent", "2099-12-31T23:59:60Z", "p6", "s6"),
        event("sms.sent", "2100-01-01T00:59:59+01:00", "p7", "s7"),
        event("sms.sent", "10:25:61", "p8", "s8"),
    ], {"rejected": [5, 7], "sms sent": 6, "sms sent 5m": 3, "sms sent 1h": 4}


def decimals_past_the_sixth_are_cut() -> Case:
    """Both plans are of the same microsecond, whatever the seventh decimal says: the id decides."""
    return [
        event("campaign.planned", "09:00:00.0000019", data={"planned": {"sms": 1}}, id="a"),
        event("campaign.planned", "09:00:00.0000011", data={"planned": {"sms": 2}}, id="b"),
        event("sms.sent", "10:00:00", None, "s1"),
    ], {"kpi sms sent_progress": (0.5, 1, 2)}


def plans_that_differ_in_their_data_alone() -> Case:
    """The greater text wins: `{"planned":{"sms":9}}` is greater than one that goes on with 10."""
    return [
        event("campaign.planned", "09:00:00", data={"planned": {"sms": 10}}, id="a"),
        event("campaign.planned", "09:00:00", data={"planned": {"sms": 9}}, id="a"),
        event("sms.sent", "10:00:00", None, "s1"),
    ], {"kpi sms sent_progress": (1 / 9, 1, 9)}


def a_plan_of_the_future_replaces_the_whole() -> Case:
    """It names neither cost nor currency: what is left is the cost in euros, and no number.

    A cost without currency is in the plan's, so it is in euros now, no longer in dollars.
    """
    return [
        event(
            "campaign.planned",
            "09:00:00",
            data={"cost": 100, "currency": "usd", "planned": {"email": 5}},
        ),
        event("campaign.planned", "2030-01-01T00:00:00Z", data={"planned": {"email": 0.9}}),
        event("cost.incurred", "09:00:00", data={"amount": "3"}),
        event("cost.incurred", "09:00:00", data={"amount": "7", "currency": "Usd"}),
        event("email.sent", "10:00:00", "p1", "m1"),
        event("customer.won", "10:00:00", "p1"),
    ], {
        "kpi all cac": (3.0, 3.0, 1),
        "left out USD": 7.0,
        # 0.9 is cut to zero: a number, but nothing divides by it.
        "kpi email sent_progress": (None, 1, 0),
        "kpi sms sent_progress": None,
    }


def amounts_at_their_limit() -> Case:
    """The limit is on the amount as written: more than 10^12 by a ten-millionth is malformed.

    So are a credit beyond it, an exponent in a text and a number of 401 digits.
    """
    return [
        event("cost.incurred", "09:00:00", data={"amount": "1000000000000.0000001"}),
        event("cost.incurred", "09:00:00", data={"amount": -(10**12) - 1}),
        event("cost.incurred", "09:00:00", data={"amount": "1e3"}),
        event("cost.incurred", "09:00:00", data={"amount": 10**400}),
        event("cost.incurred", "09:00:00", data={"amount": "1000000000000.0000000"}),
        event("cost.incurred", "09:00:00", data={"amount": -1e12}),
        event("cost.incurred", "09:00:00", data={"amount": "+0.0000015"}),
        event("cost.incurred", "09:00:00", data={"amount": 0.0000005}),
        event("customer.won", "09:00:00", "p1"),
    ], {"rejected": [0, 1, 2, 3], "kpi all cac": (0.000002, 0.000002, 1)}


def equal_costs_in_unequal_currencies() -> Case:
    """Rounded, the three are equal at the same time: the greatest currency stands, in upper case.

    Nothing is known in euros then, so there is no numerator.
    """
    return [
        event("cost.incurred", "09:00:00", data={"amount": 10}, id="i"),
        event(
            "cost.incurred", "09:00:00", data={"amount": "10.0000004", "currency": "ZZZ"}, id="j"
        ),
        event("cost.incurred", "09:00:00", data={"amount": "10.0", "currency": "eur"}, id="i"),
        event("cost.incurred", "09:00:00", data={"amount": "9.9999996", "currency": "usd"}, id="i"),
        event("cost.incurred", "08:59:59.999999", data={"amount": "11"}, id="i"),
        event("customer.won", "09:00:00", "p1"),
    ], {"left out USD": 10.0, "left out ZZZ": 10.0, "kpi all cac": None}


def a_negative_half_second_is_malformed() -> Case:
    """Below zero is malformed before it could be cut to zero: the earlier duration stands.

    `-0.0` is not below zero: on the other call it corrects the duration to nothing.
    """
    return [
        event("phone.completed", "09:00:00", "p1", "c1", {"duration": 30.9, "rep": "ana"}),
        event("phone.completed", "09:01:00", "p1", "c1", {"duration": -0.5}),
        event("phone.completed", "09:00:00", "p2", "c2", {"duration": 40, "rep": "ana"}),
        event("phone.completed", "09:01:00", "p2", "c2", {"duration": -0.0}),
    ], {"kpi phone average_duration": (15.0, 30, 2), "talk ana": 30}


def key_answers_prove_the_conversation_when_they_were_told() -> Case:
    """Two answers at 09:30 prove `connected` then; corrected to 0.9, that is 0, at 10:00.

    The sum is of what stands, the conversation stays; so the meeting may go to the call.
    """
    return [
        event("phone.made", "09:00:00", "p1", "c1"),
        event("phone.unreached", "09:00:00", "p2", "c2", {"key_answers": 1}),
        event("phone.made", "09:30:00", "p1", "c1", {"key_answers": 2}),
        event("phone.completed", "10:00:00", "p1", "c1", {"key_answers": 0.9}),
        event("meeting.booked", "10:10:00", "p1"),
        event("meeting.booked", "10:10:00", "p2"),
    ], {
        "phone connected": 2,
        # 09:30 is just before the hour that begins at 09:31.
        "phone connected 1h": 0,
        "kpi phone key_answers": (0.5, 1, 2),
        "attributed phone meeting": 1,
        # Known to have reached nobody: passed over, even if its answers say otherwise.
        "unattributed meeting": 1,
    }


def what_a_call_said_counts_at_two_times() -> Case:
    """Duration counts when the call was made, answers when it was connected, whenever told."""
    return [
        event("campaign.planned", "09:00:00", data={"key_questions": 4.9}),
        event("phone.made", "10:00:00", "p1", "c1", {"rep": "ana"}),
        event("phone.connected", "10:29:00", "p1", "c1"),
        event("phone.made", "2026-03-05T00:00:00Z", "p1", "c1", {"duration": 60, "key_answers": 3}),
    ], {
        "kpi phone average_duration 5m": None,
        "kpi phone average_duration 1h": (60.0, 60, 1),
        "kpi phone qualification 5m": (0.75, 3, 4),
        "kpi phone connected 5m": (None, 1, 0),
        "talk ana 1h": 60,
        "talk ana 5m": 0,
        "rep ana connected 5m": 1,
        "rep ana made 5m": 0,
    }


def facts_told_at_the_same_second() -> Case:
    """Each fact for itself, the greatest of the latest second: fractions of it play no part."""
    return [
        event(
            "phone.completed",
            "10:00:00.9",
            "p1",
            "c1",
            {"outcome": "callback", "rep": "ana", "duration": 9},
        ),
        event(
            "phone.completed",
            "10:00:00.1",
            "p1",
            "c1",
            {"outcome": "off_target", "rep": "Zoé", "duration": 10},
        ),
        event("phone.connected", "10:05:00", "p1", "c1", {"outcome": "meeting"}),
    ], {
        "phone off_target": 1,
        "phone callback": 0,
        # An outcome stands on `completed` only.
        "phone meeting": 0,
        "rep ana made": 1,
        "rep Zoé made": 0,
        "talk ana": 10,
    }


def a_named_meeting_outlives_the_outcome() -> Case:
    """The outcome is corrected to negative, but the meeting that names the call proved it too.

    The meeting then counts at 10:00, when it was booked, not at 09:00.
    """
    return [
        event("phone.completed", "09:00:00", "p1", "c1", {"outcome": "meeting", "rep": "ana"}),
        event("meeting.booked", "10:00:00", "p1", "c1", {"channel": "phone"}),
        event("phone.completed", "10:10:00", "p1", "c1", {"outcome": "negative"}),
    ], {
        "phone meeting": 1,
        "phone meeting 1h": 1,
        "phone negative": 1,
        "phone connected 1h": 1,
        "rep ana meeting 1h": 1,
        "attributed phone meeting": 0,
    }


def a_stop_and_a_meeting_of_one_message() -> Case:
    """Both are responses, one negative and one positive: one reply, at the earlier of the two."""
    return [
        event("sms.opted_out", "10:00:00", "p1", "s1"),
        event("meeting.booked", "09:30:00", "p1", "s1", {"channel": "sms"}),
    ], {
        "sms negative": 1,
        "sms positive": 1,
        "sms replied": 1,
        "sms replied 1h": 0,
        "kpi sms no_response": (0.0, 0, 1),
        "kpi sms opt_out 1h": (None, 1, 0),
    }


def the_last_minute_of_each_window() -> Case:
    """The whole current minute is in every window, its seconds to come too; the next is not."""
    return [
        event("postal.sent", "10:30:59.999", "p1", "l1"),
        event("postal.sent", "10:31:00", "p2", "l2"),
        event("postal.sent", "10:25:59", "p3", "l3"),
        event("postal.sent", "09:30:59", "p4", "l4"),
        event("postal.sent", "2026-03-01T10:30:59Z", "p5", "l5"),
    ], {"postal sent 5m": 1, "postal sent 1h": 2, "postal sent 24h": 3, "postal sent": 5}


CASES = cases_of(globals())
