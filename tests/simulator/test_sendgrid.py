"""What the simulator sends is what the gateway's own reading of SendGrid takes."""

from streamer.events import parse_time
from streamer.identity.identities import Identities
from streamer.ingest.vendors import Delivery, Wishes
from streamer.ingest.vendors.sendgrid import VENDOR
from streamer.simulator import sendgrid
from streamer.simulator.setup import prepare
from tests.simulator.happened import first_minute

NOW = 1_795_530_100
MAILS = [happening for happening in first_minute() if happening.address][:4000]
ITEMS = [sendgrid.item(happening.event, happening.address or "") for happening in MAILS]
WISHES = Wishes(
    campaign_from=sendgrid.CAMPAIGN_ARGUMENT,
    identities=Identities(b"simulated"),
)


def delivery(body: bytes, headers: dict[str, str]) -> Delivery:
    raw = {name.lower().encode(): value.encode() for name, value in headers.items()}
    return Delivery("POST", raw, b"", body, NOW)


def test_a_signed_body_is_authentic_and_a_changed_one_is_not(tmp_path: object) -> None:
    key = prepare(tmp_path).private_key  # type: ignore[arg-type]
    verify = VENDOR.verifier([sendgrid.verification_key(key)], {})
    body = sendgrid.body(ITEMS[:10])
    headers = sendgrid.signed(key, body, NOW)
    assert verify(delivery(body, headers))
    assert not verify(delivery(body + b" ", headers))


def test_the_gateway_reads_the_same_events() -> None:
    read = list(VENDOR.read(delivery(sendgrid.body(ITEMS), {}), WISHES))
    assert [item.not_understood for item in read if item.not_understood] == []
    for happening, item in zip(MAILS, read, strict=True):
        (touchpoint,) = item.touchpoints
        event = happening.event
        micros = parse_time(event["time"])
        assert micros is not None
        assert (touchpoint.type, touchpoint.message) == (event["type"], event["message"])
        assert (touchpoint.campaign, touchpoint.at) == (event["campaign"], micros // 1_000_000)
        assert touchpoint.person == WISHES.identities.email(happening.address or "")
        if event["type"] == "email.bounced":
            assert touchpoint.data == {"bounce": event["data"]["bounce"]}


def test_every_event_has_an_id_of_its_own_that_stays() -> None:
    ids = [item["sg_event_id"] for item in ITEMS]
    assert len(set(ids)) == len(ids)
    again = [sendgrid.item(happening.event, happening.address or "") for happening in MAILS]
    assert [item["sg_event_id"] for item in again] == ids
