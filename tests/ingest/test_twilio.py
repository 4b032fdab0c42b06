"""Twilio's signature, against signatures that its official Python library made."""

import pytest

from streamer.ingest import twilio
from streamer.ingest.vendors import Delivery, NotUnderstood

TOKEN = "12345"  # noqa: S105 - the reference's own example
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = b"Digits=1234&To=%2B18005551212&From=%2B14158675309&Caller=%2B14158675309&CallSid=CA1234567890ABCDE"  # noqa: E501
BODY_HASH = "f9d86028c6e0d64e225186f96acb69338b2c59764df79162107f5c4bb34d1310"
SHARED_KEY = b"key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"


def is_signed(
    signature: str,
    *,
    url: str = URL,
    body: bytes = FORM,
    method: str = "POST",
    settings: bytes | None = None,
) -> bool:
    headers = {b"x-twilio-signature": signature.encode()}
    if settings is not None:
        headers[b"x-twilio-webhooks-signature-settings"] = settings
    query = url.partition("?")[2].encode()
    request = Delivery(method, headers, query, body, 0.0, url=url)
    return twilio.signature()(["other", TOKEN], {})(request)


def test_a_form_is_signed_with_its_url() -> None:
    assert is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    assert not is_signed("SSOYDt4T1cUTdK1PDd93/VVr8B8=")
    assert not is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B8=", body=FORM + b"&more=1")
    assert not is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B8=", url=URL.replace("foo=1", "foo=2"))


@pytest.mark.parametrize(
    "url",
    [URL, URL.replace(".com/", ".com:443/"), URL.replace(".com/", ".com:8443/")],
)
def test_the_port_may_be_signed_or_not(url: str) -> None:
    assert is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B8=", url=url)


def test_the_default_port_may_be_signed_though_the_url_has_none() -> None:
    assert is_signed("kvajT1Ptam85bY51eRf/AJRuM3w=")
    assert not is_signed("kvajT1Ptam85bY51eRf/AJRuM3w=", url=URL.replace("https", "http"))


def test_of_a_repeated_name_each_different_value_is_signed_once_in_order() -> None:
    assert is_signed("fanqbDFqlQD4E1qAtPGltmGLLF4=", body=b"b=3&a=2&a=1&a=2")


def test_of_a_get_only_the_url_is_signed_and_its_body_is_not_read() -> None:
    signature = "6aYWhMwoOqNF9pZ8qt1czefjgHE="
    url = f"{URL}&bodySHA256={BODY_HASH}"
    assert is_signed(signature, url=url, body=FORM, method="GET")
    request = Delivery("GET", {}, b"MessageSid=1", b"MessageSid=2", 0.0)
    assert twilio.fields(request) == {"MessageSid": "1"}
    assert twilio.raw(request) == b"MessageSid=1"


def test_a_json_body_must_be_the_one_whose_hash_the_url_holds() -> None:
    signature = "6aYWhMwoOqNF9pZ8qt1czefjgHE="
    url = f"{URL}&bodySHA256={BODY_HASH}"
    assert is_signed(signature, url=url, body=b'{"a": 1}')
    assert not is_signed(signature, url=url, body=b'{"a": 2}')
    assert not is_signed(signature, url=f"{URL}&bodySHA256=", body=b"")


def test_a_shared_key_signs_with_another_digest() -> None:
    assert is_signed("033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s=", settings=SHARED_KEY)
    assert is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B8=", settings=b"")
    assert is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B8=", settings=b"key=1")
    assert not is_signed("033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s=")
    assert not is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B8=", settings=SHARED_KEY)
    assert not is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B8=", settings=b"algorithm=HMAC_MD5")


def test_the_fields_are_those_of_the_form_over_those_of_the_url() -> None:
    request = Delivery("POST", {}, b"cmp=spring&To=x", b"To=%2B33612345678", 0.0)
    assert twilio.fields(request) == {"cmp": "spring", "To": "+33612345678"}
    hashed = request._replace(query=b"bodySHA256=x", body=b'{"To": "+33612345678"}')
    assert twilio.fields(hashed) == {"bodySHA256": "x", "To": "+33612345678"}
    with pytest.raises(NotUnderstood, match="not a form"):
        twilio.fields(request._replace(query=b"cmp=%E9"))
