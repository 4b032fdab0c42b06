from collections import Counter
from itertools import pairwise

from streamer.simulator.chances import DAY, Quotas, around, dice


def test_a_chance_comes_true_as_often_as_it_should_and_never_much_later() -> None:
    quotas = Quotas(1)
    hits = [number for number in range(10_000) if quotas.hit("rare", 0.002)]
    assert len(hits) == 20
    assert {later - earlier for earlier, later in pairwise(hits)} <= {
        499,
        500,
        501,
    }


def test_words_come_by_their_weights() -> None:
    quotas = Quotas(1)
    words = Counter(quotas.choose("w", {"a": 0.5, "b": 0.3, "c": 0.2}) for _ in range(1000))
    assert abs(words["a"] - 500) <= 2
    assert abs(words["b"] - 300) <= 2
    assert abs(words["c"] - 200) <= 2


def test_seeds_differ() -> None:
    first, second = (
        [quotas.hit("x", 0.3) for _ in range(100)] for quotas in (Quotas(1), Quotas(2))
    )
    assert first != second


def test_delays_are_bounded() -> None:
    rng = dice(1)
    delays = [around(rng, 3600, DAY) for _ in range(1000)]
    assert 0 < min(delays) < 3600 < max(delays) <= DAY
