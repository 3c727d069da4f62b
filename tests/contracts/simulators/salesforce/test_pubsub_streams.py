from itertools import pairwise

import grpc

from tests.contracts.simulators.salesforce.driver import Driver
from tests.contracts.simulators.salesforce.pubsub_client import (
    CUSTOM,
    EARLIEST,
    LATEST,
    Bus,
    select,
)
from tests.contracts.simulators.salesforce.soap_listener import eventually, pass_time

TOPIC = "/data/ContactChangeEvent"
INVALID = grpc.StatusCode.INVALID_ARGUMENT
CORRUPTED = (INVALID, "subscription.fetch.replayid.corrupted")
OVER_LIMIT = (grpc.StatusCode.RESOURCE_EXHAUSTED, "subscription.limit.exceeded")
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
THREE_DAYS = 259_200
ONE_DAY = 86_400


def contacts(org: Driver, number: int) -> list[str]:
    records = [{"LastName": f"N{one}"} for one in range(number)]
    ids: list[str] = org.control("create-many", {"object": "Contact", "records": records})["ids"]
    return ids


def test_a_subscriber_gets_no_more_than_it_asked_for(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    with bus.subscribe(TOPIC, 3) as stream:
        ids = contacts(org, 8)
        assert [one.ids[0] for one in stream.events(3)] == ids[:3]
        assert stream.last.pending_num_requested == 0
        assert stream.last.latest_replay_id == stream.last.events[-1].replay_id
        shown = bus.streams()[0]
        del shown["rpc_id"]
        assert shown == {"topic": TOPIC, "pending": 0, "delivered": 3, "undelivered": 5}
        stream.ask(2)
        stream.ask(2, TOPIC)
        assert [one.ids[0] for one in stream.events(4)] == ids[3:7]
        assert stream.last.pending_num_requested == 0


def test_at_most_100_events_are_pending_for_one_request(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    with bus.subscribe(TOPIC, 5_000) as stream:
        assert bus.streams()[0]["pending"] == 100
        ids = contacts(org, 120)
        assert [one.ids[0] for one in stream.events(100)] == ids[:100]
        assert bus.streams()[0]["undelivered"] == 20


def test_only_the_first_request_says_where_to_begin(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    contacts(org, 2)
    with bus.subscribe(TOPIC, 1) as stream:
        stream.ask(1, preset=EARLIEST)
        ids = contacts(org, 2)
        assert [one.ids[0] for one in stream.events(2)] == ids


def test_requests_that_end_a_stream(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    nothing = (INVALID, "subscription.fetch.requested.events.invalid")
    with bus.stream(bus.fetch(TOPIC, 0)) as stream:
        assert stream.refusal() == nothing
    with bus.subscribe(TOPIC) as stream:
        stream.ask(-1)
        assert stream.refusal() == nothing
    with bus.subscribe(TOPIC) as stream:
        stream.ask(1, "/data/LeadChangeEvent")
        assert stream.refusal() == (INVALID, "subscription.fetch.topic.mismatch")
    with bus.stream(bus.fetch("/data/NothingChangeEvent")) as stream:
        assert stream.refusal() == (grpc.StatusCode.NOT_FOUND, "topic.not.found")
    with bus.stream(bus.fetch("")) as stream:
        assert stream.refusal() == (INVALID, "topic.validation.empty")
    eventually(lambda: bus.streams() == [])


def test_presets(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    old = contacts(org, 3)
    with bus.subscribe(TOPIC, preset=EARLIEST) as stream:
        early = stream.events(3)
    assert [one.ids[0] for one in early] == old
    with bus.subscribe(TOPIC, preset=LATEST) as latest:
        with bus.subscribe(TOPIC, preset=CUSTOM, after=early[0].replay_id) as custom:
            new = contacts(org, 1)
            assert [one.ids[0] for one in custom.events(3)] == [*old[1:], *new]
        assert [one.ids[0] for one in latest.events(1)] == new


def test_replay_ids_are_opaque_and_leave_gaps(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    contacts(org, 20)
    with bus.subscribe(TOPIC, preset=EARLIEST) as stream:
        ids = [one.replay_id for one in stream.events(20)]
    assert {len(one) for one in ids} == {10}
    assert ids == sorted(set(ids))
    steps = {int.from_bytes(later) - int.from_bytes(earlier) for earlier, later in pairwise(ids)}
    assert len(steps) > 1
    computed = (int.from_bytes(ids[0]) + 1).to_bytes(10)
    for wrong in (computed, ids[0][:8], ids[0] + b"\0", b"1104717", b"\xff" * 10):
        with bus.stream(bus.fetch(TOPIC, preset=CUSTOM, after=wrong)) as stream:
            assert stream.refusal() == CORRUPTED
    with bus.stream(bus.fetch(TOPIC, preset=CUSTOM)) as stream:
        assert stream.refusal() == (INVALID, "subscription.fetch.replayid.validation.failed")


def test_line_8_a_replay_id_lives_for_72_hours(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    contacts(org, 2)
    with bus.subscribe(TOPIC, preset=EARLIEST) as stream:
        first, _ = stream.events(2)
    pass_time(org, THREE_DAYS - 60)
    org.grant()
    with bus.subscribe(TOPIC, preset=CUSTOM, after=first.replay_id) as stream:
        assert len(stream.events(1)) == 1
    pass_time(org, 60)
    org.grant()
    with bus.stream(bus.fetch(TOPIC, preset=CUSTOM, after=first.replay_id)) as stream:
        assert stream.refusal() == CORRUPTED
    assert org.look("change-events")["retained"] == 0
    with bus.subscribe(TOPIC, preset=EARLIEST) as stream:
        ids = contacts(org, 1)
        assert stream.event().ids == ids


def test_line_8_a_moved_org_knows_no_replay_id_of_before(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    with bus.subscribe(TOPIC) as stream:
        contacts(org, 1)
        before = stream.event().replay_id
    org.control("change-events/move-org")
    with bus.stream(bus.fetch(TOPIC, preset=CUSTOM, after=before)) as stream:
        assert stream.refusal() == CORRUPTED
    with bus.subscribe(TOPIC, preset=EARLIEST) as stream:
        ids = contacts(org, 1)
        assert stream.event().ids == ids


def test_line_8_silence_is_broken_by_an_empty_response_with_a_replay_id(
    org: Driver, bus: Bus
) -> None:
    select(org, "Contact", "Lead")
    with bus.subscribe(TOPIC, 5) as stream:
        org.create("Lead", LastName="L", Company="C")
        pass_time(org, 270)
        kept = stream.response()
        assert (list(kept.events), kept.pending_num_requested) == ([], 5)
        pass_time(org, THREE_DAYS)
        fresh = stream.response()
    assert fresh.latest_replay_id > kept.latest_replay_id
    org.grant()
    with bus.stream(bus.fetch(TOPIC, preset=CUSTOM, after=kept.latest_replay_id)) as stream:
        assert stream.refusal() == CORRUPTED
    with bus.subscribe(TOPIC, preset=CUSTOM, after=fresh.latest_replay_id) as stream:
        ids = contacts(org, 1)
        assert stream.event().ids == ids


def test_line_8_the_time_between_keepalives_can_be_shortened(org: Driver, bus: Bus) -> None:
    org.switch(pubsub_keepalive_seconds=0.1)
    with bus.subscribe(TOPIC, 5) as stream:
        assert [len(stream.response().events) for _ in range(3)] == [0, 0, 0]


def test_a_stream_ends_whose_subscriber_wants_nothing_for_a_minute(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    with bus.subscribe(TOPIC, 1) as stream:
        contacts(org, 1)
        stream.event()
        pass_time(org, 59)
        assert len(bus.streams()) == 1
        pass_time(org, 1)
        assert stream.refusal() == (grpc.StatusCode.OK, "")


def test_line_8_every_delivery_to_every_subscriber_counts(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    org.switch(cdc_daily_deliveries=5)
    with bus.subscribe(TOPIC) as one, bus.subscribe("/data/ChangeEvents") as two:
        ids = contacts(org, 2)
        assert [one.events(2)[1].ids, two.events(2)[1].ids] == [[ids[1]], [ids[1]]]
        used = org.look("change-events")["deliveries"]
        assert used == {"used": 4, "allowed": 5}
        limits = org.call("GET", "/limits").json()
        assert limits["DailyDeliveredPlatformEvents"] == {"Max": 5, "Remaining": 1}
        last = contacts(org, 2)
        endings = [one.refusal(), two.refusal()]
    assert endings == [OVER_LIMIT, OVER_LIMIT]
    with bus.stream(bus.fetch(TOPIC, preset=EARLIEST)) as stream:
        assert stream.refusal() == OVER_LIMIT
    pass_time(org, ONE_DAY)
    org.grant()
    org.switch(cdc_daily_deliveries=100)
    with bus.subscribe(TOPIC, preset=EARLIEST) as stream:
        assert [event.ids[0] for event in stream.events(4)] == [*ids, *last]


def test_a_stream_survives_its_token_and_a_new_call_does_not(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    with bus.subscribe(TOPIC) as stream:
        org.control("end-sessions")
        made = org.control("create", {"object": "Contact", "fields": {"LastName": "A"}})["id"]
        response = stream.response()
        assert len(response.events) == 1
        stream.ask(1)
        with bus.stream(bus.fetch(TOPIC)) as other:
            assert other.refusal() == (grpc.StatusCode.UNAUTHENTICATED, "service.auth.error")
        org.grant()
        assert bus.read(response.events[0]).ids == [made]


def test_streams_can_be_broken_and_go_on_elsewhere(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    with bus.subscribe(TOPIC) as stream:
        contacts(org, 1)
        place = stream.event().replay_id
        assert org.control("change-events/drop-streams") == {"dropped": 1}
        assert stream.refusal() == (UNAVAILABLE, "")
    missed = contacts(org, 1)
    with bus.subscribe(TOPIC, preset=CUSTOM, after=place) as stream:
        assert stream.event().ids == missed


def test_a_reset_breaks_streams_and_ends_selections(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    with bus.subscribe(TOPIC) as stream:
        org.control("reset")
        assert stream.refusal() == (UNAVAILABLE, "")
    found = org.look("change-events")
    assert (found["members"], found["retained"]) == ([], 0)


def test_a_bad_moment_of_the_service(org: Driver, bus: Bus) -> None:
    org.switch(pubsub_unavailable=1)
    with bus.stream(bus.fetch(TOPIC)) as stream:
        assert stream.refusal() == (UNAVAILABLE, "service.unavailable")
    bus.subscribe(TOPIC).__exit__(None, None, None)


def test_a_subscriber_that_says_goodbye_still_gets_what_it_asked_for(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    with bus.subscribe(TOPIC, 2) as stream:
        stream.requests.put(None)
        ids = contacts(org, 3)
        assert [one.ids[0] for one in stream.events(2)] == ids[:2]
        assert stream.refusal() == (grpc.StatusCode.OK, "")
