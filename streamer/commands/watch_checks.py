"""What `streamer doctor` asks of those who watch: Prometheus, Alertmanager, Grafana, the clocks.

Each is looked at when its address is set. Changes nothing there.
"""

import json
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from streamer.commands.checks import MOST_SKEW_SECONDS, Finding, beside, fault, well
from streamer.settings import Settings

_SECONDS: Final = 5
_JOBS: Final = {"streamer-worker": "worker(s)", "streamer-gateway": "gateway(s)"}
_TWICE: Final = "count by (campaign) (prospecting_campaign_info) > 1"
# As JSON has them.
Objects = Sequence[Mapping[str, Any]]

# A date of HTTP has whole seconds.
_GRAIN_SECONDS: Final = 1.0


def ask(url: str, **headers: str) -> tuple[int, bytes, str]:
    """The status, the body and the date of an answer; OSError when there is none."""
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - a setting that begins with http
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            return answer.status, answer.read(5_000_000), answer.headers.get("Date", "")
    except urllib.error.HTTPError as error:
        return error.code, error.read(500), error.headers.get("Date", "")


def _data(url: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(ask(url)[1])["data"]


def _away(url: str, setting: str, error: OSError) -> Finding:
    return fault(f"no answer at {url}: {error}", f"start it, or correct {setting}")


async def check_prometheus(settings: Settings) -> Finding:
    """It collects from everything, every target answers, and no campaign is shown twice."""
    url = settings.prometheus
    if not url:
        return beside("STREAMER_PROMETHEUS is unset: not looked at")
    try:
        targets = _data(f"{url}/api/v1/targets?state=active")["activeTargets"]
        groups = _data(f"{url}/api/v1/rules")["groups"]
        twice = _data(f"{url}/api/v1/query?query={quote(_TWICE)}")["result"]
    except OSError as error:
        return _away(url, "STREAMER_PROMETHEUS", error)
    return judged(targets, groups, twice)


def judged(targets: Objects, groups: Objects, twice: Objects) -> Finding:
    """What Prometheus's targets, groups of rules and campaigns shown twice say."""
    down = [target for target in targets if target["health"] == "down"]
    up = Counter(t["labels"].get("job") for t in targets if t["health"] == "up")
    if down:
        first = down[0]
        return fault(
            f"{len(down)} target(s) down, such as {first['scrapeUrl']}: {first['lastError']}",
            "see whether that process runs, and whether Prometheus can reach its metrics address",
        )
    if missing := [job for job in _JOBS if not up[job]]:
        return fault(
            f"it collects nothing of {' and '.join(missing)}",
            "see whether `worker` and `gateway` resolve where it runs, or list their addresses in "
            "targets/*.yml beside prometheus.yml",
        )
    if not groups:
        return fault("it has no rules", "mount grafana/prometheus/rules beside prometheus.yml")
    if twice:
        return fault(
            f"{len(twice)} campaign(s) shown by two workers, such as "
            f"{twice[0]['metric'].get('campaign')}",
            "wait a minute after a worker left; else end the workers that are not of this group: "
            "of another version, or on another Kafka",
        )
    return well(f"{' and '.join(f'{up[job]} {name}' for job, name in _JOBS.items())} up")


async def check_alertmanager(settings: Settings) -> Finding:
    """It is ready, and Prometheus tells it of alerts."""
    url = settings.alertmanager
    if not url:
        return beside("STREAMER_ALERTMANAGER is unset: not looked at")
    try:
        status = ask(f"{url}/-/ready")[0]
        told = _data(f"{settings.prometheus}/api/v1/alertmanagers") if settings.prometheus else None
    except OSError as error:
        return _away(url, "STREAMER_ALERTMANAGER", error)
    if status != HTTPStatus.OK:
        return fault(f"{url} answers {status}", "see its log: `amtool check-config` names a fault")
    if told is not None and not told["activeAlertmanagers"]:
        return fault(
            "Prometheus tells no Alertmanager",
            "see `alerting` in prometheus.yml, and whether `alertmanager` resolves there",
        )
    return well(f"ready at {url}")


async def check_grafana(settings: Settings) -> Finding:
    """It is well, and its administrator has a password of his own."""
    url = settings.grafana
    if not url:
        return beside("STREAMER_GRAFANA is unset: not looked at")
    try:
        status, body, _ = ask(f"{url}/api/health")
        everybodys = b64encode(b"admin:admin").decode()
        let_in = ask(f"{url}/api/org", Authorization=f"Basic {everybodys}")[0]
    except OSError as error:
        return _away(url, "STREAMER_GRAFANA", error)
    if status != HTTPStatus.OK:
        return fault(f"{url} answers {status}", "see its log; its volume may be full")
    if let_in == HTTPStatus.OK:
        return fault(
            "anybody is its administrator, by the password admin",
            "`grafana cli admin reset-admin-password NEW` where it runs",
        )
    return well(f"version {json.loads(body).get('version', '?')} at {url}")


async def check_clocks(settings: Settings) -> Finding:
    """The clocks of the gateway's and of Prometheus's machine agree with ours."""
    seen = []
    for name, url in (
        ("the gateway", f"http://{settings.gateway}/healthz" if settings.kafka else None),
        ("Prometheus", settings.prometheus and f"{settings.prometheus}/-/ready"),
        ("Grafana", settings.grafana and f"{settings.grafana}/api/health"),
    ):
        if not url:
            continue
        try:
            date = ask(url)[2]
        except OSError:
            continue
        if not date:
            continue
        skew = abs(time.time() - parsedate_to_datetime(date).timestamp())
        if skew > MOST_SKEW_SECONDS + _GRAIN_SECONDS:
            return fault(
                f"{name}'s clock is {skew:.0f} s off",
                "set both clocks by NTP: windows slide by the clock, and signed times are judged",
            )
        seen.append(name)
    if not seen:
        return beside("nothing that tells the time answers")
    return well(f"{', '.join(seen)} and this machine agree")
