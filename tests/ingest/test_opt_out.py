"""What asks not to be written to again, and what only looks like it."""

import pytest

from streamer.ingest.opt_out import is_opt_out, spelled


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        " stop ! ",
        "Stop.",
        "\uff33\uff34\uff2f\uff30",
        "S.T.O.P",
        "stopp",
        "STOP 36180",
        "STOP36180",
        "Stop36111",
        "STOPSMS 36180",
        "STOP SMS",
        "SMS STOP",
        "stop merci",
        "Stop la pub",
        "STOP, je ne veux plus de vos messages",
        "STOPALL",
        "Bonjour, STOP merci",
        "Non merci, stop",
        "Pas intéressé.\nSTOP",
        "Merci de ne plus m'écrire. STOP 36180",
        "ARRET",
        "Arrêt SMS",
        "arret36180",
        "Arrêtez",
        "Arrêtez svp !",
        "arrêtez vos messages",
        "Arrêtez de m'envoyer des SMS s'il vous plaît",
        "arreter merci",
        "Arrête de m'écrire",
        "Stoppez",
        "stoppez tout de suite vos sms",
        "désabonnez-moi",
        "Désabonnement",
        "je veux me désabonner",
        "désinscrivez moi",
        "DESINSCRIPTION svp",
        "Merci de me désinscrire de votre liste",
        "Veuillez me désinscrire",
        "Unsubscribe",
        "unsubscribe me",
        "OPT-OUT",
        "optout",
        "REVOKE",
    ],
)
def test_a_text_that_asks_for_it_is_an_opt_out(text: str) -> None:
    assert is_opt_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "Oui",
        "Non-stop",
        "Non stop",
        "ne stoppez pas",
        "Ne vous arrêtez pas !",
        "N'arrêtez pas de m'écrire",
        "arrêtez-vous à Lyon ?",
        "Arrêtez-vous",
        "Vous vous arrêtez à quel arrêt ?",
        "arrêt de bus 12",
        "Stop ou encore",
        "stop and go",
        "On se retrouve où ? Au stop.",
        "À l'arrêt",
        "L'arrêt, svp",
        "On se voit au stop de la rue Mercière",
        "stopover à Lyon",
        "Désinscription possible comment ?",
        "Je ne souhaite pas me désabonner",
        "Pas de désabonnement pour moi, rappelez-moi",
        "Mon abonnement s'arrête en mai",
        "Je suis en arrêt maladie",
        "36180",
        "merci",
        "Annulez",
        "END",
    ],
)
def test_a_text_that_says_something_else_is_none(text: str) -> None:
    assert not is_opt_out(text)


def test_a_source_has_words_of_its_own_for_the_whole_text() -> None:
    own = {spelled("Ras-le-bol !"), spelled("9")}
    assert is_opt_out("ras le bol", own)
    assert is_opt_out(" 9 ", own)
    assert not is_opt_out("ras le bol de la pluie", own)
    assert not is_opt_out("19", own)
