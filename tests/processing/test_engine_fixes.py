"""What is worked round in Faust and aiokafka is still there.

Each test fails once upstream has mended the defect: then the fix may go.
"""

import inspect

import faust
from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.group_coordinator import GroupCoordinator
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer
from faust.transport.producer import ProducerBuffer


def test_faust_still_resumes_partitions_before_it_seeks() -> None:
    source = inspect.getsource(Recovery.on_recovery_completed)
    assert source.index("resume_partitions") < source.index("perform_seek")
    assert source.index("perform_seek") < source.index("flow_control.resume")


def test_aiokafka_still_seeks_only_where_something_was_committed() -> None:
    assert "if offset and offset > 0" in inspect.getsource(AIOKafkaConsumer.seek_to_committed)


def test_faust_still_logs_what_recovery_raises() -> None:
    assert 'logger.warning(f"Error in recovery {ex}")' in inspect.getsource(Recovery)


def test_faust_still_hands_on_one_message_a_record() -> None:
    assert "callback(message), self.suspend_flow.wait()" in inspect.getsource(
        Consumer._drain_messages
    )


def test_faust_still_commits_after_a_flush_that_may_give_up() -> None:
    assert "await self.app.producer.flush()" in inspect.getsource(Consumer._commit_offsets)
    assert "flush_atmost" in inspect.getsource(ProducerBuffer)


def test_fausts_tables_still_sleep_before_they_start() -> None:
    assert "await self.sleep(1.0)" in inspect.getsource(TableManager.on_start)


def test_faust_still_makes_folders_where_it_runs() -> None:
    assert "self.conf.tabledir.mkdir" in inspect.getsource(faust.App._create_directories)


def test_aiokafka_still_keeps_the_last_heartbeat_to_itself() -> None:
    assert "last_ok_heartbeat = time.monotonic()" in inspect.getsource(
        GroupCoordinator._heartbeat_routine
    )
    assert not [name for name in vars(GroupCoordinator) if "last_heartbeat" in name]
