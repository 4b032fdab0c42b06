"""How a generic source proves itself, and in what form it may send."""

import base64
import hmac
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from streamer.errors import SettingsError
from streamer.ingest.sources import Source, read_sources
from tests.ingest.support import Bench, bench, settings
from tests.ingest.vendors.exchange import case_of, exchange

CASE = case_of("generic")
SECRET = "user:a-secret-of-sixteen"  # noqa: S105 - a test's own
PATH = "a-secret-for-a-path"
BODY = b'{"t": "x", "i": 1, "m": "m-1"}'
HMAC = 'proof = "hmac"\nhmac_header = "X-Sign"'
REST = """
type = "t"
types = { x = "sms.sent" }
id = "i"
message = "m"
campaign = "c"
"""


def read(tmp_path: Path, proof: str, secret: str = SECRET, rest: str = REST) -> dict[str, Source]:
    file = tmp_path / "sources.toml"
    file.write_text(f'[sources.it]\nvendor = "generic"\nsecrets = ["env:A_KEY"]\n{proof}\n{rest}')
    return dict(read_sources(settings(SOURCES=str(file), A_KEY=secret)))


async def post(it: Bench, path: str = "", **options: Any) -> httpx.Response:
    options = {"content": BODY} | options
    return await it.client.post(f"/webhooks/it{path}", **options)


def signature(algorithm: str, secret: str = SECRET) -> bytes:
    return hmac.digest(secret.encode(), BODY, algorithm)


@pytest.mark.parametrize(
    ("proof", "headers"),
    [
        ('proof = "bearer"', {"Authorization": f"Bearer {SECRET}"}),
        (
            'proof = "basic"',
            {"Authorization": f"Basic {base64.b64encode(SECRET.encode()).decode()}"},
        ),
        ('proof = "header"\nsecret_header = "X-Secret"', {"x-secret": SECRET}),
        (
            HMAC,
            {"X-Sign": signature("sha256").hex()},
        ),
        (
            HMAC + '\nhmac_algorithm = "sha1"\nhmac_encoding = "base64"\nhmac_prefix = "v1="',
            {"X-Sign": f"v1={base64.b64encode(signature('sha1')).decode()}"},
        ),
        (
            HMAC + '\nhmac_algorithm = "sha512"',
            {"X-Sign": signature("sha512").hex()},
        ),
    ],
)
async def test_each_proof_is_asked_for(tmp_path: Path, proof: str, headers: dict[str, str]) -> None:
    ((name, value),) = headers.items()
    async with bench(read(tmp_path, proof)) as it:
        assert (await post(it, headers=headers)).status_code == 200
        for wrong in (value[:-1], value[::-1], "", value.replace("v1=", "v2=") + "x"):
            assert (await post(it, headers={name: wrong})).status_code == 401
        assert (await post(it)).status_code == 401
        assert len(it.kafka.events()) == 1


async def test_the_secret_may_stand_in_the_path(tmp_path: Path) -> None:
    async with bench(read(tmp_path, 'proof = "path"', PATH)) as it:
        assert (await post(it, f"/{PATH}")).status_code == 200
        for wrong in ("", "/", f"/{PATH}x", f"/x/{PATH}"):
            assert (await post(it, wrong)).status_code == 401


async def test_a_query_is_read_and_kept_as_a_body_is(tmp_path: Path) -> None:
    sources = read(tmp_path, 'proof = "path"\nformat = "query"', PATH)
    async with bench(sources) as it:
        url = f"/webhooks/it/{PATH}"
        good = await it.client.get(url, params={"t": "x", "i": "1", "m": "m-1"})
        strange = await it.client.get(url, params={"t": "y", "i": "2"})
        broken = await it.client.get(f"{url}?t=%FF")
        assert [each.status_code for each in (good, strange, broken)] == [200] * 3
        assert [event.message for event in it.kafka.events()] == ["m-1"]
        assert len({letter.key for letter in it.kafka.letters()}) == 2


async def test_a_list_within_is_taken_apart_and_what_is_strange_in_it_is_kept_whole(
    tmp_path: Path,
) -> None:
    body = {"data": [{"t": "x", "i": 1, "m": "m-1"}, {"t": "y"}, 7]}
    keys: dict[str, Any] = {"items": "data", "type": "t", "types": {"x": "sms.sent"}, "id": "i"}
    keys |= {"message": "m", "time": None, "phone": None, "sentiment": None}
    events, letters = await exchange(CASE, tmp_path, body, **keys)
    assert len(events) == 1
    assert {letter.value for letter in letters} == {json.dumps(body).encode()}
    for whole in ({"data": None}, {"data": {"t": "x"}}, 7):
        events, letters = await exchange(CASE, tmp_path, whole, **keys)
        assert (len(events), len(letters)) == (0, 1)
    # A list at the top may be flattened as well.
    events, _ = await exchange(CASE, tmp_path, [body], **keys | {"items": "[].data[0]"})
    assert len(events) == 1


async def test_a_list_that_an_expression_cannot_find_is_kept(tmp_path: Path) -> None:
    keys = {"items": "keys(data)"}
    events, letters = await exchange(CASE, tmp_path, {"data": 7}, **keys)
    assert (len(events), len(letters)) == (0, 1)


@pytest.mark.parametrize(
    ("proof", "told"),
    [
        ("", "line 1: proof of [sources.it] must be one of: basic, bearer, header, hmac, path"),
        ('proof = "sha256"', "line 4: proof of [sources.it] must be one of"),
        ('proof = "hmac"', "line 1: hmac_header of [sources.it] is missing: proof = hmac needs"),
        ('proof = "header"', "secret_header of [sources.it] is missing: proof = header needs"),
        (
            'proof = "basic"\nhmac_header = "X"',
            "line 5: hmac_header of [sources.it] goes with proof = hmac only",
        ),
        ('proof = "hmac"\nhmac_header = ""', "line 5: hmac_header of [sources.it] must be a text"),
        (
            'proof = "hmac"\nhmac_header = "X"\nhmac_encoding = "hexa"',
            "line 6: hmac_encoding of [sources.it] must be one of: hex, base64",
        ),
        (
            'proof = "hmac"\nhmac_header = "X"\nhmac_algorithm = "md5"',
            "line 6: hmac_algorithm of [sources.it] must be one of: sha256",
        ),
        (
            'proof = "hmac"\nhmac_header = "X"\nformat = "query"',
            "line 4: proof of [sources.it] cannot be hmac of a query",
        ),
        ('proof = "path"', "names A_KEY, which cannot stand in a URL"),
    ],
)
def test_a_proof_that_cannot_be_is_told_with_its_line(
    tmp_path: Path, proof: str, told: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, proof)
    assert told in str(caught.value)
    assert SECRET not in str(caught.value)
