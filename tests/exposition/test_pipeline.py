"""The pipeline's own metrics are the table's, all of them and no others."""

from prometheus_client.parser import text_string_to_metric_families

from streamer.exposition.health import TABLE, table
from streamer.exposition.pipeline import WorkerMetrics


def names(text: bytes) -> set[str]:
    found = set()
    for family in text_string_to_metric_families(text.decode()):
        found.add(f"{family.name}_total" if family.type == "counter" else family.name)
    return found


def values(text: bytes) -> dict[tuple[str, tuple[str, ...]], float]:
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def told() -> WorkerMetrics:
    metrics = WorkerMetrics()
    metrics.events("applied", 5)
    metrics.events("applied", 2)
    metrics.events("rejected", 1)
    metrics.latency(0.4)
    metrics.lag(3, 17)
    metrics.last_event("/sources/demo", 1_700_000_000)
    metrics.checkpoint(0.02, 1000, 3)
    metrics.recovery(1.5, 200)
    metrics.dead_letters(1)
    metrics.waiting(4)
    metrics.watch(lambda: True)
    metrics.withheld(withheld=True)
    metrics.redis_up(up=True)
    metrics.redis_write("written", 9)
    return metrics


def test_a_worker_exports_its_rows_and_its_process() -> None:
    own = {name for name in names(told().text()) if name.startswith("streamer_")}
    assert own == {row.name for row in TABLE}


def test_a_worker_says_what_it_was_told() -> None:
    found = values(told().text())
    assert found["streamer_events_total", ("applied",)] == 7
    assert found["streamer_events_total", ("rejected",)] == 1
    assert found["streamer_consumer_lag_records", ("3",)] == 17
    assert found["streamer_checkpoint_bytes_total", ()] == 1000
    assert found["streamer_event_to_gauge_seconds_sum", ()] == 0.4
    assert found["streamer_waiting_events", ()] == 4
    assert found["streamer_worker_ready", ()] == 1
    assert found["streamer_numbers_withheld", ()] == 1
    assert found["streamer_redis_up", ()] == 1


def test_partitions_of_other_workers_have_no_lag_here() -> None:
    metrics = told()
    metrics.forget_lags()
    assert ("streamer_consumer_lag_records", ("3",)) not in values(metrics.text())


def test_the_latest_event_of_a_source_stands_and_sources_have_a_budget() -> None:
    metrics = WorkerMetrics()
    for number in range(1000):
        metrics.last_event(f"/s/{number}", 100)
    metrics.last_event("/s/0", 300)
    metrics.last_event("/s/0", 200)
    found = {k: v for k, v in values(metrics.text()).items() if "last_event" in k[0]}
    assert len(found) == 200
    assert found["streamer_last_event_seconds", ("/s/0",)] == 300


def test_a_vendors_endpoint_is_shown_however_many_others_there_are() -> None:
    metrics = WorkerMetrics()
    for number in range(1000):
        metrics.last_event(f"/v1/campaigns/{number}/prospects", 100)
    metrics.last_event("/sources/mailer", 300)
    assert values(metrics.text())["streamer_last_event_seconds", ("/sources/mailer",)] == 300


def test_counters_do_not_bring_the_time_of_their_creation() -> None:
    assert b"_created" not in told().text()


def test_two_in_one_process_share_nothing() -> None:
    told()
    assert values(WorkerMetrics().text())["streamer_events_total", ("applied",)] == 0


def test_every_metric_is_documented() -> None:
    text = table()
    for row in TABLE:
        assert f"| `{row.name}` | {row.kind} |" in text
        assert row.help.endswith(".")
