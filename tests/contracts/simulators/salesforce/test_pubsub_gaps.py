from tests.contracts.simulators.salesforce.driver import Driver, rows_of
from tests.contracts.simulators.salesforce.pubsub_client import Bus, select

HEADER_ONLY: dict[str, object] = {}


def test_line_8_a_gap_event_has_every_field_null(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    org.switch(cdc_gaps=3)
    with bus.subscribe() as stream:
        made = org.create("Contact", LastName="A", Title="T")
        org.call("PATCH", f"/sobjects/Contact/{made}", {"Title": "U"})
        org.call("DELETE", f"/sobjects/Contact/{made}")
        org.control("undelete", {"object": "Contact", "id": made})
        events = stream.events(4)
    assert [one.kind for one in events] == ["GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "UNDELETE"]
    for one in events[:3]:
        assert (one.ids, one.values) == ([made], HEADER_ONLY)
        assert (one.header["changedFields"], one.header["nulledFields"]) == ([], [])
        assert one.header["commitUser"]
        assert one.header["transactionKey"]
    assert events[3].values["Title"] == "U"


def test_line_8_a_gap_event_can_be_of_many_records(org: Driver, bus: Bus) -> None:
    ids = [org.create("Contact", LastName=name) for name in "ABC"]
    select(org, "Contact")
    org.switch(cdc_gaps=1)
    with bus.subscribe() as stream:
        rows = rows_of("Contact", [{"Id": one, "Title": "T"} for one in ids])
        org.call("PATCH", "/composite/sobjects", {"records": rows})
        event = stream.event()
    assert (event.kind, event.ids, event.values) == ("GAP_UPDATE", ids, HEADER_ONLY)


def test_line_8_a_change_past_the_application_servers_is_a_gap(org: Driver, bus: Bus) -> None:
    task = org.create("Task", Subject="S")
    select(org, "Task")
    with bus.subscribe() as stream:
        body = {"object": "Task", "id": task, "fields": {"IsArchived": True}}
        org.control("change-events/change-database", body)
        event = stream.event()
    assert (event.kind, event.ids, event.values) == ("GAP_UPDATE", [task], HEADER_ONLY)
    assert event.header["sequenceNumber"] == 1
    assert org.get("Task", task)["IsArchived"] is True


def test_line_8_an_event_that_is_too_large_becomes_a_gap(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    org.switch(cdc_message_bytes=5_000)
    with bus.subscribe() as stream:
        large = org.create("Contact", LastName="A", Description="x" * 6_000)
        small = org.create("Contact", LastName="A", Description="x" * 600)
        events = stream.events(2)
    assert [(one.kind, one.ids) for one in events] == [
        ("GAP_CREATE", [large]),
        ("CREATE", [small]),
    ]


def test_line_8_a_transaction_that_changes_too_much_overflows(org: Driver, bus: Bus) -> None:
    account = org.create("Account", Name="A")
    ids = [org.create("Contact", LastName=name, AccountId=account) for name in "BCDE"]
    select(org, "Account", "Contact")
    org.switch(cdc_overflow_changes=2)
    with bus.subscribe() as stream:
        org.call("DELETE", f"/sobjects/Account/{account}")
        events = stream.events(3)
    assert [(one.kind, one.header["entityName"], one.ids) for one in events] == [
        ("DELETE", "Contact", ids[:2]),
        ("GAP_OVERFLOW", "Contact", ["000000000000000AAA"]),
        ("GAP_OVERFLOW", "Account", ["000000000000000AAA"]),
    ]
    assert [one.values for one in events] == [HEADER_ONLY] * 3


def test_line_8_each_field_of_an_update_counts_towards_the_overflow(org: Driver, bus: Bus) -> None:
    ids = [org.create("Contact", LastName=name) for name in "AB"]
    select(org, "Contact")
    org.switch(cdc_overflow_changes=3)
    with bus.subscribe() as stream:
        rows = [{"Id": one, "Title": one, "Phone": "1"} for one in ids]
        org.call("PATCH", "/composite/sobjects", {"records": rows_of("Contact", rows)})
        events = stream.events(2)
    assert [one.kind for one in events] == ["UPDATE", "GAP_OVERFLOW"]
    assert events[0].ids == ids[:1]
