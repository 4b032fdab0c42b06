"""Keys are placed where every other client of Kafka places them."""

from aiokafka.partitioner import murmur2
from hypothesis import given
from hypothesis import strategies as st

from streamer.transport.people import partition_of


@given(st.binary(max_size=80), st.integers(1, 1_000))
def test_a_key_has_the_partition_that_kafkas_clients_give_it(key: bytes, partitions: int) -> None:
    assert partition_of(key, partitions) == (murmur2(key) & 0x7FFF_FFFF) % partitions
