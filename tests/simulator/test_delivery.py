from collections import Counter

from streamer.simulator.chances import dice
from streamer.simulator.delivery import Disorder, Habits
from streamer.simulator.happening import Happening


def told(seed: int) -> list[int]:
    disorder = Disorder(dice(seed), Habits(late=0.1, again=0.07))
    found: list[Happening] = []
    for second in range(100):
        begun = [Happening(second, {"id": f"{second * 20 + n}"}) for n in range(20)]
        found += disorder.pass_on(begun, second)
    return [int(each.event["id"]) for each in found + disorder.rest()]


def test_nothing_is_lost() -> None:
    assert set(told(1)) == set(range(2000))


def test_some_is_told_again() -> None:
    twice = [number for number, times in Counter(told(1)).items() if times > 1]
    assert 80 < len(twice) < 220


def test_order_is_lost_far_beyond_neighbours() -> None:
    places = told(1)
    assert sum(abs(number - place) > 30 for place, number in enumerate(places)) > 50


def test_the_same_seed_tells_in_the_same_order() -> None:
    assert told(1) == told(1)
    assert told(1) != told(2)
