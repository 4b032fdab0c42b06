"""`POST /v1/events/csv`: tables that people keep become events, or are told why not."""

import httpx
import pytest

from streamer.events import CHANNELS, TYPES
from streamer.events.vocabulary import BOUNCES, OUTCOMES, SENTIMENTS
from streamer.identity.decisions import message_key
from streamer.identity.identities import Identities
from streamer.ingest import spellings
from streamer.ingest.columns import plain
from streamer.transport.people import Link
from tests.ingest.support import AUTHORISED, SECRET, Bench, bench

WHO = Identities(SECRET.encode())
MAIL, PHONE = str(WHO.email("a@example.fr")), str(WHO.phone("0612345678"))
PATH = "/v1/events/csv"


async def post(it: Bench, text: str, query: str = "", encoding: str = "cp1252") -> httpx.Response:
    headers = AUTHORISED | {"content-type": "text/csv"}
    content = text.encode(encoding)
    return await it.client.post(f"{PATH}?{query}", content=content, headers=headers)


async def test_a_table_as_french_excel_writes_it() -> None:
    table = (
        "Campagne;Type;Date;Heure;Réf;Courriel;Téléphone;Résultat;Tonalité;Montant;Devise;Note\n"
        "printemps;phone.completed;02/03/2026;10:30;;;06 12 34 56 78;RDV;;;;été\n"
        "printemps;sms.replied;02/03/2026;10h31;;a@example.fr;06 12 34 56 78;;Négatif;;;\n"
        "printemps;Coût;02/03/2026;;F-12;;;;;1 234,50;€;\n"
        "printemps;Vente;03/03/2026;;;a@example.fr;;;;;;\n"
    )
    async with bench() as it:
        answer = await post(it, table)
        assert answer.json() == {"accepted": 4, "refused": [], "ignored": ["Note"]}
        call, reply, cost, won = it.kafka.events()
        assert {each.campaign for each in (call, reply, cost, won)} == {"printemps"}
        assert (call.type, call.time, call.subject, call.data) == (
            "phone.completed",
            "2026-03-02T09:30:00Z",
            PHONE,
            {"outcome": "meeting"},
        )
        assert call.message is not None
        assert (reply.subject, reply.data) == (PHONE, {"sentiment": "negative"})
        assert (cost.id, cost.type, cost.time) == ("F-12", "cost.incurred", "2026-03-02T22:59:59Z")
        assert cost.data == {"amount": "1234.50", "currency": "EUR"}
        assert (won.type, won.subject) == ("customer.won", MAIL)
        assert {each.source for each in (call, reply, cost, won)} == {PATH}
        assert it.kafka.links() == [Link(PHONE, "printemps", 1772443800)], "of the call alone"


async def test_an_invitation_is_one_touch_in_each_campaign_known_or_not() -> None:
    table = (
        "campagne,type,date,linkedin\n"
        ",linkedin.invited,2026-01-05,https://www.linkedin.com/in/jane\n"
        ",linkedin.accepted,2026-06-02,https://www.linkedin.com/in/jane\n"
        "juin,linkedin.invited,2026-06-01,https://www.linkedin.com/in/jane\n"
    )
    async with bench() as it:
        assert (await post(it, table)).json()["accepted"] == 3
        ((_, waiting),) = it.kafka.inbound().items()
        (known,) = it.kafka.events()
        assert {each["message"] for each in waiting} == {known.message}
        assert message_key(PATH, known.message or "") is None
        assert len({each["id"] for each in waiting}) == 2


async def test_rows_that_name_no_campaign_go_to_the_person_or_to_the_one_that_is_asked() -> None:
    table = "type,date,mail\nsms.replied,2026-03-02T10:00:00Z,a@example.fr\n"
    async with bench() as it:
        assert (await post(it, table)).json()["accepted"] == 1
        assert list(it.kafka.inbound()) == [MAIL]
        assert (await post(it, table, "campaign=c%C3%A9")).json()["accepted"] == 1
        (found,) = it.kafka.events()
        assert (found.campaign, found.subject) == ("cé", MAIL)


async def test_local_times_are_those_of_the_zone_that_is_asked() -> None:
    table = "campaign;type;time;subject\nc;customer.won;02/03/2026 10:00;p\n"
    async with bench() as it:
        for zone in ("", "time_zone=America/New_York"):
            await post(it, table, zone)
        times = [each.time for each in it.kafka.events()]
        assert times == ["2026-03-02T09:00:00Z", "2026-03-02T15:00:00Z"]


async def test_a_bare_day_begins_for_what_we_did_and_ends_for_what_came_of_it() -> None:
    table = (
        "campaign;type;time;subject;message\n"
        "c;postal.sent;02/03/2026;p;m\nc;postal.replied;02/03/2026;p;\n"
    )
    async with bench() as it:
        await post(it, table)
        times = [each.time for each in it.kafka.events()]
        assert times == ["2026-03-01T23:00:00Z", "2026-03-02T22:59:59Z"]


async def test_the_same_table_again_is_the_same_events() -> None:
    table = (
        "campaign;type;time;subject;tel\nc;sms.replied;02/03/2026;p;\n"
        "c;phone.made;02/03/2026 9:00;;0612345678\nc;phone.made;02/03/2026 9:01;;0612345678\n"
    )
    async with bench() as it:
        for _ in range(2):
            await post(it, table)
        found = [(each.id, each.message) for each in it.kafka.events()]
        assert found[:3] == found[3:]
        assert len({message for _, message in found}) == 3, "two calls, and a reply without one"


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("c;;02/03/2026;p;;;;;", "type", "is empty"),
        ("c;fax.sent;02/03/2026;p;;;;;", "Type", "is no type"),
        ("c;campaign.planned;02/03/2026;p;;;;;", "Type", "is no type"),
        ("c;prospect.linked;02/03/2026;p;;;;;", "Type", "is no type"),
        ("c;customer.won;;p;;;;;", "time", "is empty"),
        ("c;customer.won;03/25/2026;p;;;;;", "Date", "the day comes before"),
        ("c;customer.won;02/03/2026;;;;;;", "subject", "must name its prospect"),
        (";customer.won;02/03/2026;;;;;;", "", "neither a campaign nor a person"),
        ("c;customer.won;02/03/2026;;a(at)b;;;;", "E-mail", "is no mail address"),
        ("c;email.sent;02/03/2026;p;;;;;", "message", "must name its touch"),
        ("c;phone.completed;02/03/2026;p;;Peut-être;;;", "Issue", "is none of callback"),
        ("c;phone.made;02/03/2026;p;;refus;;;", "Issue", "does not go with phone.made"),
        ("c;sms.replied;02/03/2026;p;;;bof;;", "sentiment", "is none of negative"),
        ("c;cost.incurred;02/03/2026;;;;;12,5;", "", "needs a reference"),
        ("c;cost.incurred;02/03/2026;;;;;1,234;F1", "Montant", "thousands or decimals"),
        ("c;cost.incurred;02/03/2026;;;;;;F1", "data.amount", "must be a number"),
    ],
)
async def test_what_is_wrong_is_told_and_the_others_are_taken(
    row: str, field: str, reason: str
) -> None:
    head = "Campaign;Type;Date;subject;E-mail;Issue;sentiment;Montant;Référence\n"
    good = "c;customer.won;02/03/2026;q;;;;;\n"
    async with bench() as it:
        answer = (await post(it, f"{head}{good}{row}\n{good}")).json()
        assert answer["accepted"] == 2
        (told,) = answer["refused"]
        assert (told["line"], told["field"]) == (3, field)
        assert reason in told["reason"]
        assert {each.subject for each in it.kafka.events()} == {"q"}
        assert it.kafka.inbound() == {}


@pytest.mark.parametrize(
    ("text", "query", "said"),
    [
        ("", "", "is empty"),
        ("campaign;date\n", "", "names no column type"),
        ("campaign;type\n", "", "names no column time (in French: date)"),
        ("id;type;date\n", "", "call it reference or subject"),
        ("type;date;quand\n", "", "names the column of the time twice"),
        ("type;date\n", "time_zone=Mars", "is no time zone"),
        ("type;date\n", "zone=UTC", "asks only for campaign and time_zone"),
    ],
)
async def test_what_is_no_table_of_events_is_refused_whole(
    text: str, query: str, said: str
) -> None:
    async with bench() as it:
        answer = await post(it, text, query)
        assert answer.status_code == 400
        assert said in answer.json()["detail"]


async def test_who_may_and_how() -> None:
    async with bench(MAX_LIST_BYTES="50", MAX_EVENT_BYTES="200") as it:
        table = "type;date;subject\ncustomer.won;02/03/2026;p\n"
        assert (await it.client.post(PATH, content=table)).status_code == 401
        wrong = await it.client.get(PATH, headers=AUTHORISED)
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
        json = await it.client.post(PATH, json=[], headers=AUTHORISED)
        assert json.status_code == 415
        assert (await post(it, table + "x" * 50)).status_code == 413
        it.kafka.away = True
        assert (await post(it, table)).status_code == 503


async def test_a_row_above_the_largest_event_costs_no_other() -> None:
    async with bench(MAX_EVENT_BYTES="300") as it:
        rows = [f"c;customer.won;02/03/2026;{subject}" for subject in ("p", "q" * 300, "r")]
        answer = (await post(it, "campaign;type;date;subject\n" + "\n".join(rows))).json()
        assert (answer["accepted"], answer["refused"][0]["line"]) == (2, 3)
        assert answer["refused"][0]["reason"] == "is above 300 bytes"


def test_every_spelling_can_be_met_and_every_word_has_one() -> None:
    for table in (spellings.COLUMNS, spellings.TYPES, *spellings.WORDS.values()):
        assert all(plain(spelling) == spelling for spelling in table)
    assert set(spellings.TYPES.values()) < TYPES.keys()
    said = {held: set(words.values()) for held, words in spellings.WORDS.items()}
    assert said == {
        "outcome": set(OUTCOMES),
        "sentiment": set(SENTIMENTS),
        "bounce": set(BOUNCES),
        "channel": set(CHANNELS),
    }
