"""The compose stack: what the engine would say of it, and what we promise of it."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from streamer.settings import SETTINGS

Check = Callable[..., tuple[bool, str]]

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
EXAMPLE = ROOT / ".env.example"
ONCE = {"alertmanager-config"}  # ends, and another waits for its end
SERVICES = {"kafka", "valkey", "gateway", "worker", "prometheus", "alertmanager", "grafana"} | ONCE
# What the world reaches, only with the profile `tls`.
PROXY = "proxy"
REQUIRED = {
    "STREAMER_SECRET": "secret",
    "STREAMER_TOKENS": "me=token",
    "REDIS_PASSWORD": "abc",
    "GRAFANA_PASSWORD": "abc",
}


def stack() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return loaded


def services() -> list[tuple[str, dict[str, Any]]]:
    return list(stack()["services"].items())


def services_by_name() -> dict[str, dict[str, Any]]:
    return dict(services())


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str], Path]:
    """A copy of the stack with one text replaced."""

    def change(old: str, new: str) -> Path:
        text = COMPOSE.read_text(encoding="utf-8")
        assert old in text
        copy = tmp_path / "docker-compose.yml"
        copy.write_text(text.replace(old, new), encoding="utf-8")
        return copy

    return change


def test_the_stack_follows_the_specification(schema_check: Check) -> None:
    assert schema_check(COMPOSE) == (True, "ok -- validation done\n")


def test_an_unknown_key_is_noticed(
    schema_check: Check, changed: Callable[[str, str], Path]
) -> None:
    good, said = schema_check(changed("stop_grace_period: 60s", "stop_grace: 60s"))
    assert not good, said


def test_the_stack_loads_with_every_service(load: Check) -> None:
    good, said = load(COMPOSE, **REQUIRED)
    assert good, said
    assert set(said.strip("[]\n").split()) == SERVICES


def test_an_undefined_dependency_is_noticed(
    load: Check, changed: Callable[[str, str], Path]
) -> None:
    good, said = load(
        changed("    valkey:\n      condition", "    redis:\n      condition"), **REQUIRED
    )
    assert not good
    assert "redis" in said


@pytest.mark.parametrize("variable", REQUIRED)
def test_a_missing_secret_is_a_clear_sentence(variable: str, load: Check) -> None:
    rest = {name: value for name, value in REQUIRED.items() if name != variable}
    good, said = load(COMPOSE, **rest)
    assert not good
    assert f"{variable} is missing a value: set it in .env, see .env.example" in said


def test_the_example_filled_in_is_enough(tmp_path: Path, load: Check) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for variable, value in REQUIRED.items():
        assert f"\n{variable}=\n" in text
        text = text.replace(f"\n{variable}=\n", f"\n{variable}={value}\n")
    shutil.copy(COMPOSE, tmp_path)
    (tmp_path / ".env").write_text(text.replace("\n#", "\n# "), encoding="utf-8")
    good, said = load(tmp_path / COMPOSE.name)
    assert good, said


def test_the_example_names_every_variable_of_the_stack_and_no_other() -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE.read_text(encoding="utf-8")))
    text = EXAMPLE.read_text(encoding="utf-8")
    assert set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE)) == used


@pytest.mark.parametrize(("name", "service"), services())
def test_a_service_is_pinned_restarted_and_checked(name: str, service: dict[str, Any]) -> None:
    assert re.search(r":v?\d+\.\d+\.\d+", service["image"]), name
    assert service["restart"] == ("no" if name in ONCE else "unless-stopped")
    assert name in ONCE or service["healthcheck"]["test"]


@pytest.mark.parametrize(("name", "service"), services())
def test_ports_are_published_to_this_machine_only(name: str, service: dict[str, Any]) -> None:
    if name == PROXY:
        assert {port.split(":")[0] for port in service["ports"]} == {"80", "443"}
        assert service["profiles"] == ["tls"]
    else:
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name


@pytest.mark.parametrize(("name", "service"), services())
def test_no_service_takes_all_of_the_machine(name: str, service: dict[str, Any]) -> None:
    limits = service["deploy"]["resources"]["limits"]
    assert limits["memory"], name
    assert limits["pids"], name
    assert service["logging"]["options"]["max-size"] == "10m"
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_there_may_be_several_workers() -> None:
    worker = stack()["services"]["worker"]
    assert not {"container_name", "ports", "hostname"} & set(worker)


def test_the_proxy_sees_the_gateway_alone() -> None:
    edge = {name for name, service in services() if "edge" in service.get("networks", ())}
    assert edge == {"proxy", "gateway"}
    assert stack()["services"]["proxy"]["networks"] == ["edge"]
    trusted = stack()["services"]["gateway"]["environment"]["STREAMER_TRUSTED_PROXIES"]
    subnet = stack()["networks"]["edge"]["ipam"]["config"][0]["subnet"]
    assert trusted == f"${{STREAMER_TRUSTED_PROXIES:-{subnet}}}"


@pytest.mark.parametrize(("name", "service"), services())
def test_what_is_mounted_exists_and_what_is_kept_is_a_volume(
    name: str, service: dict[str, Any]
) -> None:
    for mount in service.get("volumes", ()):
        source = mount.split(":")[0]
        if not source.startswith("."):
            assert source in stack()["volumes"], name
        elif source != "./config":
            assert (ROOT / source).exists(), name
            assert mount.endswith(":ro")


def test_kafka_keeps_what_it_acknowledged() -> None:
    kafka = stack()["services"]["kafka"]
    environment = kafka["environment"]
    assert environment["KAFKA_LOG_DIRS"] == kafka["volumes"][0].split(":")[1]
    assert environment["KAFKA_LOG_FLUSH_INTERVAL_MESSAGES"] == "1"
    assert environment["KAFKA_OFFSETS_RETENTION_MINUTES"] == str(2**31 - 1)
    assert environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_nobody_looks_at_grafana_without_a_login_unless_told_so() -> None:
    environment = stack()["services"]["grafana"]["environment"]
    assert environment["GF_AUTH_ANONYMOUS_ENABLED"] == "${GRAFANA_ANONYMOUS:-false}"
    assert environment["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("admin", 2),
        ("Admin", 2),
        ("", 2),
        ("short-one", 2),
        ("ChangeMe-please-1234", 2),
        ("my-password-is-long", 2),
        ("5f0c1e77a9d24b30", 0),
    ],
)
def test_grafana_does_not_start_with_a_password_that_everybody_tries(
    password: str, code: int, tmp_path: Path
) -> None:
    done = start_grafana(tmp_path, GF_SECURITY_ADMIN_PASSWORD=password)
    assert done.returncode == code
    assert ("choose another in .env" in done.stderr) == bool(code)


def start_grafana(data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script that starts Grafana, with nothing to start."""
    grafana = stack()["services"]["grafana"]
    shell, script = grafana["entrypoint"]
    assert f"./grafana/start.sh:{script}:ro" in grafana["volumes"]
    return subprocess.run(
        [shell, str(ROOT / "grafana/start.sh"), "true"],
        env={"PATH": os.environ["PATH"], "GF_PATHS_DATA": str(data), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("", "http://127.0.0.1:8080"),
        ("https://prospection.example.com/", "https://prospection.example.com"),
    ],
)
def test_grafanas_pages_lead_to_the_wall_where_readers_reach_it(
    url: str, shown: str, tmp_path: Path
) -> None:
    password = "5f0c1e77a9d24b30"  # noqa: S105 - of this test
    words = {"GF_SECURITY_ADMIN_PASSWORD": password, "STREAMER_PUBLIC_URL": url}
    # As after an upgrade that takes a page away.
    (tmp_path / "prospection").mkdir()
    (tmp_path / "prospection" / "gone.json").touch()
    assert start_grafana(tmp_path, **words).returncode == 0
    pages = sorted((ROOT / "grafana" / "dashboards").glob("*.json"))
    copies = sorted((tmp_path / "prospection").glob("*.json"))
    assert [page.name for page in copies] == [page.name for page in pages]
    for page, copy in zip(pages, copies, strict=True):
        text = page.read_text(encoding="utf-8").replace("http://127.0.0.1:8080", shown)
        assert copy.read_text(encoding="utf-8") == text
    assert shown in copies[0].parent.joinpath("campaign.json").read_text(encoding="utf-8")


def test_grafana_does_not_start_with_a_public_url_that_is_none(tmp_path: Path) -> None:
    password = "5f0c1e77a9d24b30"  # noqa: S105 - of this test
    for url in ("prospection.example.com", "https://a|e touch x", "https://a&b"):
        done = start_grafana(tmp_path, GF_SECURITY_ADMIN_PASSWORD=password, STREAMER_PUBLIC_URL=url)
        assert done.returncode == 2
        assert "STREAMER_PUBLIC_URL" in done.stderr


def test_prometheus_scrapes_the_ports_that_the_stack_opens() -> None:
    configuration = yaml.safe_load(
        (ROOT / "grafana/prometheus/prometheus.yml").read_text(encoding="utf-8")
    )
    scraped = {
        found["names"][0]: found["port"]
        for job in configuration["scrape_configs"]
        for found in job["dns_sd_configs"]
    }
    opened = {
        "worker": stack()["services"]["worker"]["environment"]["STREAMER_METRICS"],
        "gateway": stack()["services"]["gateway"]["environment"]["STREAMER_GATEWAY_METRICS"],
    }
    assert {name: f"0.0.0.0:{port}" for name, port in scraped.items()} == opened


def test_prometheus_finds_alertmanager_and_alertmanager_what_was_written_for_it() -> None:
    configuration = yaml.safe_load(
        (ROOT / "grafana/prometheus/prometheus.yml").read_text(encoding="utf-8")
    )
    (found,) = configuration["alerting"]["alertmanagers"][0]["dns_sd_configs"]
    running, written = (services_by_name()[name] for name in (*found["names"], *ONCE))
    assert running["ports"][0].endswith(f":{found['port']}")
    assert f"--config.file={written['command'][-1]}" in running["command"]
    assert running["volumes"] == written["volumes"]
    assert running["depends_on"] == {
        "alertmanager-config": {"condition": "service_completed_successfully"}
    }
    user = re.search(r"--uid (\d+) ", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert user is not None
    assert running["user"].split(":")[0] == user[1]


def test_the_alerts_settings_reach_what_writes_them() -> None:
    given = services_by_name()["alertmanager-config"]["environment"]
    alerting = {s.name for s in SETTINGS if s.name.startswith("STREAMER_ALERT_")}
    assert set(given) == alerting | {"STREAMER_PUBLIC_URL"}


def test_grafana_finds_its_provisioning_and_its_dashboards() -> None:
    mounts = dict(mount.split(":")[:2] for mount in stack()["services"]["grafana"]["volumes"])
    (provider,) = yaml.safe_load(
        (ROOT / "grafana/provisioning/dashboards/prospecting.yml").read_text(encoding="utf-8")
    )["providers"]
    grafana = stack()["services"]["grafana"]
    script = Path(grafana["entrypoint"][1])
    assert mounts["./grafana/dashboards"] == str(script.parent / "dashboards")
    shown = f"{grafana['environment']['GF_PATHS_DATA']}/prospection"
    assert provider["options"]["path"] == shown
    home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home == f"{shown}/campaign.json"
    assert mounts["grafana"] == grafana["environment"]["GF_PATHS_DATA"]
    assert mounts["./grafana/provisioning"] == "/etc/grafana/provisioning"
