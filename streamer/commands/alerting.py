"""Alertmanager's configuration, made of the settings: who is told, in which words, in which lots.

Pure. Owns the routes and the texts of mails and of Slack; the alerts themselves are Prometheus's
rules. What it gives holds secrets.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from streamer.errors import SettingsError
from streamer.settings import Settings

TEAM: Final = "team"
NOBODY: Final = "nobody"


class _Words(NamedTuple):
    """What a text says beside the alert's own sentences."""

    over: str
    since: str


_WORDS: Final[Mapping[str, _Words]] = MappingProxyType(
    {"fr": _Words("TERMINÉ", "Alerte depuis"), "en": _Words("RESOLVED", "Firing since")}
)

# Where the gateway is on its own machine.
_HERE: Final = "http://127.0.0.1:8080"

# A few seconds, for what fires at one moment; then a lot a minute, so that a campaign that goes
# wrong in several ways is not as many messages.
_LOTS: Final = MappingProxyType(
    {"group_wait": "5s", "group_interval": "1m", "repeat_interval": "4h"}
)

# What is muted while something else fires.
_INHIBITIONS: Final = (
    # Whoever is told to stop need not be told to slow down.
    {
        "source_matchers": ['kind="campaign"', 'severity="critical"'],
        "target_matchers": ['kind="campaign"', 'severity="warning"'],
        "equal": ["campaign", "channel", "kpi", "window"],
    },
    # What news that do not come raise, while we could not hear them.
    {
        "source_matchers": ['alertname="StreamerNewsMissing"'],
        "target_matchers": ['basis="absence"'],
    },
    # Where no worker is ready, none of them need say so.
    {
        "source_matchers": ['alertname="StreamerNoWorkerReady"'],
        "target_matchers": ['alertname=~"StreamerWorkerNotReady|StreamerConsumerLag"'],
    },
)


def configuration(settings: Settings) -> dict[str, Any]:
    """The document for Alertmanager, as plain values.

    A receiver whose settings are unset is left out; raises `SettingsError` for half of one.
    """
    words = _text(settings.alert_language, settings.public_url or _HERE)
    return {
        "route": {
            "receiver": TEAM,
            "group_by": ["campaign"],
            **_LOTS,
            "routes": [{"receiver": NOBODY, "matchers": ['severity="none"']}],
        },
        "inhibit_rules": list(_INHIBITIONS),
        "receivers": [
            {
                "name": TEAM,
                "email_configs": _mails(settings, words),
                "slack_configs": _slack(settings, words),
                "webhook_configs": _webhook(settings),
            },
            {"name": NOBODY},
        ],
    }


def told(settings: Settings) -> list[str]:
    """The kinds of receivers that are told."""
    chosen = {
        "e-mail": settings.alert_email,
        "Slack": settings.alert_slack,
        "webhook": settings.alert_webhook,
    }
    return [kind for kind, value in chosen.items() if value]


def _text(language: str, gateway: str) -> str:
    """The alerts of a lot, as Alertmanager's template."""
    words = _WORDS[language]
    state = (
        f'{{{{ if eq .Status "resolved" }}}}{words.over}{{{{ else }}}}'
        "{{ .Labels.severity | toUpper }}{{ end }}"
    )
    sentences = "\n".join(
        f"{{{{ .Annotations.{part}_{language} }}}}" for part in ("summary", "evidence", "action")
    )
    since = f'{words.since} {{{{ .StartsAt.UTC.Format "2006-01-02 15:04:05" }}}} UTC'
    each = f"[{state}] {sentences}\n{since}, {{{{ .Labels.alertname }}}}\n"
    base = gateway.rstrip("/")
    runbook = f'{base}/{{{{ .Annotations.runbook_url | reReplaceAll "^streamer/" "" }}}}'
    wall = (
        f"{{{{ if .Labels.campaign }}}}{base}/wall/"
        '{{ .Labels.campaign | urlquery | reReplaceAll "[+]" "%20" }}\n{{ end }}'
    )
    return f"{{{{ range .Alerts }}}}{each}{wall}{runbook}\n\n{{{{ end }}}}"


def _title(language: str) -> str:
    words = _WORDS[language]
    count = "{{ .Alerts.Firing | len }}"
    state = f'{{{{ if eq .Status "resolved" }}}}{words.over}{{{{ else }}}}{count}{{{{ end }}}}'
    return f"[{state}] Prospection {{{{ .CommonLabels.campaign }}}}"


def _mails(settings: Settings, words: str) -> list[dict[str, Any]]:
    if not settings.alert_email:
        return []
    if not settings.alert_smtp or not settings.alert_email_from:
        raise SettingsError(
            "STREAMER_ALERT_EMAIL needs STREAMER_ALERT_SMTP and STREAMER_ALERT_EMAIL_FROM."
        )
    login = {
        "auth_username": settings.alert_smtp_user,
        "auth_password": settings.alert_smtp_password,
    }
    return [
        {
            "to": settings.alert_email,
            "from": settings.alert_email_from,
            "smarthost": str(settings.alert_smtp),
            "require_tls": settings.alert_smtp_tls,
            "send_resolved": True,
            "headers": {"Subject": _title(settings.alert_language)},
            "html": "",
            "text": words,
            **{name: value for name, value in login.items() if value},
        }
    ]


def _slack(settings: Settings, words: str) -> list[dict[str, Any]]:
    if not settings.alert_slack:
        return []
    return [
        {
            "api_url": settings.alert_slack,
            "send_resolved": True,
            "title": _title(settings.alert_language),
            # A campaign is named by whoever posts: `<!channel>` is to be a name as any other.
            "text": _escaped(words),
        }
    ]


def _escaped(words: str) -> str:
    for part in ("summary", "evidence", "action"):
        for language in _WORDS:
            name = f".Annotations.{part}_{language}"
            words = words.replace(
                f"{{{{ {name} }}}}",
                f'{{{{ {name} | reReplaceAll "&" "&amp;" | reReplaceAll "<" "&lt;" }}}}',
            )
    return words


def _webhook(settings: Settings) -> list[dict[str, Any]]:
    if not settings.alert_webhook:
        return []
    token = settings.alert_webhook_token
    proof = {"http_config": {"authorization": {"credentials": token}}} if token else {}
    return [{"url": settings.alert_webhook, "send_resolved": True, **proof}]
