"""lemlist's webhook: one activity of a lead in a campaign each, on several channels.

The prospect is the lead's mail address, which every activity of a lead that has one names; a lead
without one (LinkedIn only) is known by his number at lemlist. The touch is what all words of one
mail, call or invitation share:

* a mail or an SMS: the lead, which is of one campaign, and the step. Not `emailId`: whether it is
  of one mail or of the step's text, and which words have it, is not documented;
* an invitation and the messages that follow it: the lead, since a campaign invites him once;
* a call: the activity itself, since no other word names the same call.

Facts from lemlist's developer reference, its former one on GitHub, and public connectors.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from streamer.ingest.fields import iso, json_object, needed, text, without
from streamer.ingest.vendors import (
    Answer,
    Delivery,
    Item,
    NotUnderstood,
    RetryContract,
    Touchpoint,
    Vendor,
    Wishes,
)
from streamer.ingest.verification import body_secret

# Whether it tries again is not documented.
RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=401, horizon=24 * 3600.0, delays=(), known=False
)

_strip: Final = without("secret")
_LEAD_ID: Final = re.compile(r"lea_\S+")
_Activity = Mapping[str, Any]


def _step(activity: _Activity) -> str | None:
    """The lead and the step: `stepId` stays when steps are moved; older activities have none."""
    lead, step = text(activity, "leadId"), text(activity, "stepId")
    step = step or text(activity, "sequenceStep")
    return f"{lead}:{step}" if lead and step else None


def _lead(activity: _Activity) -> str | None:
    return text(activity, "leadId")


def _call(activity: _Activity) -> str | None:
    return needed(activity, "_id")


def _nothing(_: _Activity) -> None:
    """A meeting names no touch: the prospect's latest is taken."""


class _Meaning(NamedTuple):
    """What a word says: of which touch, and what more."""

    type: str
    touch: Callable[[_Activity], str | None]
    data: Mapping[str, str] = {}


_POSITIVE: Final = {"sentiment": "positive"}
_NEGATIVE: Final = {"sentiment": "negative"}

# Its words → ours.
WORDS: Final[Mapping[str, _Meaning]] = {
    "emailsSent": _Meaning("email.sent", _step),
    "emailsOpened": _Meaning("email.opened", _step),
    "emailsClicked": _Meaning("email.clicked", _step),
    "emailsReplied": _Meaning("email.replied", _step),
    "emailsInterested": _Meaning("email.replied", _step, _POSITIVE),
    "emailsNotInterested": _Meaning("email.replied", _step, _NEGATIVE),
    "emailsBounced": _Meaning("email.bounced", _step),
    "emailsUnsubscribed": _Meaning("email.unsubscribed", _step),
    "smsSent": _Meaning("sms.sent", _step),
    "smsDelivered": _Meaning("sms.delivered", _step),
    "smsFailed": _Meaning("sms.failed", _step),
    "smsReplied": _Meaning("sms.replied", _step),
    "linkedinInviteDone": _Meaning("linkedin.invited", _lead),
    "linkedinInviteAccepted": _Meaning("linkedin.accepted", _lead),
    "linkedinSent": _Meaning("linkedin.messaged", _lead),
    "linkedinVoiceNoteDone": _Meaning("linkedin.messaged", _lead),
    "linkedinOpened": _Meaning("linkedin.read", _lead),
    "linkedinReplied": _Meaning("linkedin.replied", _lead),
    "linkedinVoiceNoteReplied": _Meaning("linkedin.replied", _lead),
    "linkedinInterested": _Meaning("linkedin.replied", _lead, _POSITIVE),
    "linkedinNotInterested": _Meaning("linkedin.replied", _lead, _NEGATIVE),
    "aircallEnded": _Meaning("phone.made", _call),
    "meetingBooked": _Meaning("meeting.booked", _nothing),
}

# Understood, and no milestone of ours. The states of a lead (`contacted` … `notInterested`) repeat
# what an activity told. A failure to send leaves nothing sent. An InMail is no invitation, and a
# message says that one was accepted. `aircallCreated` and `aircallDone` are about a task as much as
# a call; what `aircallInterested` says is of a call that it does not name. WhatsApp is no channel
# here.
IGNORED: Final = frozenset(
    """
    contacted hooked attracted warmed interested notInterested
    paused stopped resumed skipped snoozed annotated campaignComplete outOfOffice
    emailsSendFailed emailsFailed emailsDone emailsIgnored emailsExternalSent
    emailsExternalReceived mailinblackDetected smsDone smsIgnored
    linkedinVisitDone linkedinVisitFailed linkedinVisitSkipped linkedinInviteFailed
    linkedinSendFailed linkedinVoiceNoteFailed linkedinInMailSent linkedinInMailFailed
    linkedinInMailSkipped linkedinFollowDone linkedinFollowFailed linkedinFollowSkipped
    linkedinLikeLastPostDone linkedinLikeLastPostNoPost linkedinLikeLastPostFailed
    linkedinLikeLastPostSkipped linkedinCommentLastPostDone linkedinCommentLastPostFailed
    linkedinCommentLastPostSkipped linkedinEndorseDone linkedinEndorseFailed
    linkedinEndorseSkipped linkedinWithdrawInvitationDone linkedinWithdrawInvitationFailed
    linkedinDone linkedinIgnored
    aircallCreated aircallDone aircallIgnored aircallInterested aircallNotInterested
    callRecordingDone callTranscriptDone opportunitiesDone
    whatsappMessageSent whatsappMessageDelivered whatsappMessageOpened whatsappReplied
    whatsappMessageFailed whatsappDone whatsappIgnored whatsappVoiceNoteSent
    whatsappVoiceNoteDelivered whatsappVoiceNoteOpened whatsappVoiceNoteReplied
    whatsappVoiceNoteFailed whatsappVoiceNoteIgnored
    apiDone apiIgnored apiInterested apiNotInterested apiFailed apiUnsubscribed
    manualDone manualIgnored manualInterested manualNotInterested manualUnsubscribed
    manualEmailQueued manualLinkedinSendQueued manualLinkedinVoiceNoteQueued
    manualLinkedinInviteQueued manualLinkedinCommentLastPostQueued manualWhatsappMessageQueued
    manualWhatsappVoiceNoteQueued scheduleCancelled conditionChosen conditionalFailed
    sendToAnotherCampaign entityUnsubscribed variableUnsubscribed entitySubscribed
    variableSubscribed aiVariableDone aiVariableFailed
    enrichmentDone enrichmentError enrichmentFailed enrichmentSkipped signalRegistered
    connectionIssue sendLimitReached customDomainErrors lemwarmPaused
    """.split()  # noqa: SIM905 - a table of a hundred words
)

# Words that count without a touch: the platform finds it by the prospect.
_OF_A_PERSON: Final = frozenset(
    {"email.replied", "email.unsubscribed", "sms.replied", "linkedin.replied", "meeting.booked"}
)


def _bounces(value: object) -> str | None:
    if value is not None and value not in {"hard", "soft"}:
        raise ValueError('must be "hard" or "soft": what a bounce at lemlist counts as')
    return value if isinstance(value, str) else None


def _tells(wishes: Wishes) -> frozenset[str]:
    facts = {
        each.type + "".join(f":{value}" for value in each.data.values()) for each in WORDS.values()
    }
    bounce = wishes.options.get("bounces")
    return frozenset(facts - {"email.bounced"} | ({f"email.bounced:{bounce}"} if bounce else set()))


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    activity = json_object(delivery.body)
    raw = _strip(delivery.body)
    word = activity.get("type")
    if not isinstance(word, str):
        raise NotUnderstood("its `type` is not a text")
    if word in wishes.ignore or word in IGNORED:
        yield Item(raw)
        return
    if word not in WORDS:
        raise NotUnderstood("its `type` is none that is documented")
    yield Item(raw, (_touchpoint(WORDS[word], activity, wishes),))


VENDOR: Final = Vendor(
    name="lemlist",
    title="lemlist",
    proof="a secret in the body",
    retries=RETRIES,
    verifier=body_secret("secret"),
    read=_read,
    tells=_tells,
    records={"lemlist": _LEAD_ID},
    strip=_strip,
    keys={"bounces": _bounces},
    setup={
        "fr": (
            "Créez le webhook par l'API (POST /hooks), où il reçoit un secret. targetUrl : {url}",
            "secret : un texte de votre choix ; ni type, ni isFirst, pour recevoir tous les mots.",
            "Mettez ce secret, que lemlist n'affiche jamais, dans la variable que `secrets` nomme.",
            'campaign_from = "campaignId" (ou "campaignName") donne la campagne de lemlist.',
            (
                'Si Aircall est aussi relié directement, ajoutez ignore = ["aircallEnded"], sinon '
                "chaque appel compte deux fois."
            ),
            (
                'bounces = "hard" (ou "soft") dit ce que vaut un rebond ; sans cette clé, les '
                "rebonds attendent parmi les messages non compris."
            ),
        ),
        "en": (
            "Create the webhook by API (POST /hooks), where it gets a secret. targetUrl: {url}",
            "secret: a text of your own; neither type nor isFirst, so that every word comes.",
            "Put this secret, which lemlist never shows, into the variable that `secrets` names.",
            'campaign_from = "campaignId" (or "campaignName") gives lemlist\'s campaign.',
            (
                'Where Aircall is connected itself as well, add ignore = ["aircallEnded"], else '
                "each call counts twice."
            ),
            (
                'bounces = "hard" (or "soft") says what a bounce counts as; without it bounces '
                "wait among the dead letters."
            ),
        ),
    },
    notes={
        "fr": (
            "lemlist ne dit ni qu'un e-mail est remis, ni si un rebond est dur ou mou.",
            "Des appels, il ne dit que la fin : ni sens, ni réponse, ni durée, ni issue.",
            (
                "Un message à quelqu'un qui était déjà une relation compte comme une invitation "
                "acceptée : rien ne dit quand la relation est née."
            ),
            "Le texte des réponses n'est pas lu : un STOP par SMS n'est qu'une réponse.",
            (
                "Un prospect sans adresse e-mail n'est connu que par son numéro de lead (lea_…), "
                "que la colonne lemlist d'une liste de prospects peut relier."
            ),
        ),
        "en": (
            "lemlist tells neither that a mail is delivered nor whether a bounce is hard or soft.",
            "Of calls it tells the end only: no direction, no answer, no duration, no outcome.",
            (
                "A message to somebody who was a connection already counts as an accepted "
                "invitation: nothing says when the connection was made."
            ),
            "The text of replies is not read: a STOP by SMS is just a reply.",
            (
                "A prospect without a mail address is known only by his number as a lead (lea_…), "
                "which the column lemlist of a prospect list can link."
            ),
        ),
    },
)


def _touchpoint(meaning: _Meaning, activity: _Activity, wishes: Wishes) -> Touchpoint:
    message = wishes.message(activity) or meaning.touch(activity)
    if message is None and meaning.type not in _OF_A_PERSON:
        raise NotUnderstood("its `leadId`, `stepId` or `sequenceStep` is missing")
    data: dict[str, Any] = {**meaning.data}
    if meaning.type == "email.bounced":
        data["bounce"] = wishes.options.get("bounces")
        if data["bounce"] is None:
            raise NotUnderstood("it does not say whether it is hard or soft: set `bounces`")
    rep = wishes.rep(activity.get("sendUserId"), activity.get("sendUserEmail"))
    if rep and meaning.type.startswith("phone."):
        data["rep"] = rep
    return Touchpoint(
        type=meaning.type,
        id=needed(activity, "_id"),
        at=iso(activity, "createdAt"),
        prospect=wishes.prospect(activity),
        person=_person(activity, wishes),
        campaign=wishes.campaign(activity),
        message=message,
        data=data or None,
    )


def _person(activity: _Activity, wishes: Wishes) -> str | None:
    address = text(activity, "leadEmail")
    if address and "@" in address:
        return wishes.identities.email(address)
    return wishes.identities.record("lemlist", text(activity, "leadId") or "")
