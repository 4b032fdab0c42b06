import base64
from pathlib import Path

import pytest

from streamer.errors import SettingsError
from streamer.settings import SETTINGS, Address, Settings


def test_an_empty_environment_gives_the_documented_defaults() -> None:
    settings = Settings.from_environment({})

    assert settings.kafka is None
    assert settings.redis is None
    assert settings.secret is None
    assert settings.tokens == {}
    assert settings.partitions == 8
    assert settings.gateway == Address("127.0.0.1", 8080)
    assert settings.metrics == Address("127.0.0.1", 9102)
    assert settings.gateway_metrics == Address("127.0.0.1", 9101)
    assert settings.data == Path("streamer-data")
    assert settings.max_request_bytes == 1_048_576
    assert settings.open is False


def test_every_row_of_the_table_is_a_field_and_every_default_can_be_read() -> None:
    settings = Settings.from_environment({})

    for setting in SETTINGS:
        assert hasattr(settings, setting.field)
        assert setting.help


def test_an_empty_text_is_unset() -> None:
    settings = Settings.from_environment({"STREAMER_KAFKA": "", "STREAMER_PARTITIONS": " "})

    assert settings.kafka is None
    assert settings.partitions == 8


def test_overrides_win() -> None:
    env = {"STREAMER_DATA": "/a", "STREAMER_KAFKA": "k:9092"}

    settings = Settings.from_environment(env, data=Path("/b"), kafka=None)

    assert settings.data == Path("/b")
    assert settings.kafka is None


def test_a_token_may_have_a_name_and_base64_padding_is_none() -> None:
    padded = base64.b64encode(b"1234").decode()

    settings = Settings.from_environment({"STREAMER_TOKENS": f"abc, crm=d=f ,{padded}"})

    assert settings.tokens == {"token1": "abc", "crm": "d=f", "token3": padded}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("STREAMER_TOKENS", "=a"),
        ("STREAMER_TOKENS", "a=b,a=c"),
        ("STREAMER_PARTITIONS", "eight"),
        ("STREAMER_PARTITIONS", "0"),
        ("STREAMER_PARTITIONS", "9999"),
        ("STREAMER_GATEWAY", "8080"),
        ("STREAMER_GATEWAY", ":8080"),
        ("STREAMER_GATEWAY", "localhost:99999"),
        ("STREAMER_REDIS", "localhost"),
        ("STREAMER_PUBLIC_URL", "example.org"),
        ("STREAMER_TRUSTED_PROXIES", "10.0.0.0/8,proxy"),
        ("STREAMER_OPEN", "perhaps"),
        ("STREAMER_LOG", "loud"),
        ("STREAMER_CHECKPOINT_SECONDS", "0"),
        ("STREAMER_CHECKPOINT_SECONDS", "nan"),
    ],
)
def test_a_malformed_value_is_one_sentence_that_names_the_variable(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({name: text})


def test_security_goes_to_the_kafka_client_under_its_own_names() -> None:
    env = {
        "STREAMER_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "STREAMER_KAFKA_SASL_PLAIN_PASSWORD": "hush",
    }

    settings = Settings.from_environment(env)

    assert settings.kafka_security == {
        "security_protocol": "SASL_SSL",
        "sasl_plain_password": "hush",
    }


def test_a_misspelt_security_setting_is_refused() -> None:
    with pytest.raises(SettingsError, match="STREAMER_KAFKA_SASL_PASSWORD is not a setting"):
        Settings.from_environment({"STREAMER_KAFKA_SASL_PASSWORD": "x"})


def test_secrets_never_show() -> None:
    env = {
        "STREAMER_SECRET": "hush-1",
        "STREAMER_TOKENS": "hush-2",
        "STREAMER_REDIS": "redis://:hush-3@localhost",
        "STREAMER_KAFKA_SASL_PLAIN_PASSWORD": "hush-4",
    }

    assert "hush" not in repr(Settings.from_environment(env))

    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"STREAMER_REDIS": "hush"})
    assert "hush" not in str(refused.value)


def test_open_reads_are_for_loopback_addresses_only() -> None:
    assert Settings.from_environment({"STREAMER_OPEN": "1"}).open
    assert Settings.from_environment({"STREAMER_OPEN": "1", "STREAMER_GATEWAY": "[::1]:80"}).open

    with pytest.raises(SettingsError, match="loopback"):
        Settings.from_environment({"STREAMER_OPEN": "1", "STREAMER_GATEWAY": "0.0.0.0:8080"})


def test_an_event_larger_than_any_request_is_refused() -> None:
    with pytest.raises(SettingsError, match="STREAMER_MAX_EVENT_BYTES"):
        Settings.from_environment({"STREAMER_MAX_REQUEST_BYTES": "1000"})


def test_what_a_command_needs_is_named_when_unset() -> None:
    settings = Settings.from_environment({"STREAMER_KAFKA": "k:9092"})

    settings.require("gateway", "kafka")
    with pytest.raises(SettingsError, match=r"`streamer gateway` needs STREAMER_TOKENS"):
        settings.require("gateway", "kafka", "tokens")


def test_an_address_is_written_as_it_is_read() -> None:
    assert str(Address("127.0.0.1", 80)) == "127.0.0.1:80"
    assert str(Address("::1", 80)) == "[::1]:80"
