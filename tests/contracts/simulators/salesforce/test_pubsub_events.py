import hashlib
from datetime import UTC, datetime

import pytest

from tests.contracts.simulators.salesforce.bulk_driver import Jobs
from tests.contracts.simulators.salesforce.driver import Driver, rows_of
from tests.contracts.simulators.salesforce.pubsub_client import Bus, select

CLIENT = {"Sforce-Call-Options": "client=causeway, defaultNamespace=none"}


def edit(org: Driver, record_id: str, object_name: str = "Contact", **fields: object) -> None:
    org.control("edit", {"object": object_name, "id": record_id, "fields": fields})


def test_a_creation_has_every_value_and_names_its_maker(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    with bus.subscribe("/data/ContactChangeEvent") as stream:
        made = org.call(
            "POST",
            "/sobjects/Contact",
            {"LastName": "Smith", "MailingCity": "Ulm", "Birthdate": "1990-05-17"},
            headers=CLIENT,
        ).json()["id"]
        event = stream.event()
    record = org.get("Contact", made)
    moment = datetime.fromisoformat(record["CreatedDate"])
    created = int(moment.timestamp()) * 1_000
    header = event.header
    assert (header["entityName"], event.kind, event.ids) == ("Contact", "CREATE", [made])
    assert header["changeOrigin"] == "com/salesforce/api/rest/66.0;client=causeway"
    assert (header["commitUser"], header["commitTimestamp"]) == (org.user_id, created)
    assert header["sequenceNumber"] == 1
    assert (header["changedFields"], header["nulledFields"], header["diffFields"]) == ([], [], [])
    assert event.values == {
        "Name": {"Salutation": None, "FirstName": None, "LastName": "Smith"},
        "MailingAddress": {
            "Street": None,
            "City": "Ulm",
            "State": None,
            "PostalCode": None,
            "Country": None,
            "Latitude": None,
            "Longitude": None,
            "GeocodeAccuracy": None,
        },
        "Birthdate": int(datetime(1990, 5, 17, tzinfo=UTC).timestamp()) * 1_000,
        "OwnerId": org.user_id,
        "HasOptedOutOfEmail": False,
        "HasOptedOutOfFax": False,
        "DoNotCall": False,
        "CreatedDate": created,
        "CreatedById": org.user_id,
        "LastModifiedDate": created,
        "LastModifiedById": org.user_id,
        "IsEmailBounced": False,
    }


def test_line_8_bitmaps_tell_what_an_update_changed(org: Driver, bus: Bus) -> None:
    made = org.create("Contact", FirstName="A", LastName="B", Title="T", Phone="1")
    select(org, "Contact")
    with bus.subscribe() as stream:
        org.call("PATCH", f"/sobjects/Contact/{made}", {"Title": "U", "LastName": "C"})
        org.call("PATCH", f"/sobjects/Contact/{made}", {"Phone": None, "FirstName": None})
        update, nulling = stream.events(2)
    # Name is the 2nd field after the header (0), Phone the 5th, Title the 13th, LastModifiedDate
    # the 25th; in a name, FirstName is the 1st and LastName the 2nd, counted from 0.
    assert update.header["changedFields"] == ["0x02002000", "2-0x04"]
    assert update.changed == ["Title", "LastModifiedDate", "Name.LastName"]
    assert update.header["nulledFields"] == []
    assert update.values == {
        "Title": "U",
        "Name": {"Salutation": None, "FirstName": None, "LastName": "C"},
        "LastModifiedDate": update.content["LastModifiedDate"],
    }
    assert nulling.header["changedFields"] == ["0x02000020", "2-0x02"]
    assert nulling.header["nulledFields"] == ["0x20", "2-0x02"]
    assert nulling.names("nulledFields") == ["Phone", "Name.FirstName"]
    assert set(nulling.values) == {"LastModifiedDate"}


def test_line_8_parts_of_two_addresses_have_a_bitmap_each(org: Driver, bus: Bus) -> None:
    made = org.create("Account", Name="A", BillingCity="Ulm", ShippingCountry="DE")
    select(org, "Account")
    with bus.subscribe() as stream:
        body = {"BillingCity": None, "ShippingStreet": "S", "ShippingCountry": "FR", "Name": "B"}
        org.call("PATCH", f"/sobjects/Account/{made}", body)
        event = stream.event()
    # Header 0, Name 1, Type 2, ParentId 3, BillingAddress 4, ShippingAddress 5.
    assert event.header["changedFields"][1:] == ["4-0x02", "5-0x11"]
    assert event.changed == [
        "Name",
        "LastModifiedDate",
        "BillingAddress.City",
        "ShippingAddress.Street",
        "ShippingAddress.Country",
    ]
    assert event.header["nulledFields"] == ["4-0x02"]
    assert event.values["Name"] == "B"
    assert event.content["BillingAddress"] is None
    assert event.values["ShippingAddress"]["Country"] == "FR"


def test_an_update_by_somebody_else_also_changes_last_modified_by(org: Driver, bus: Bus) -> None:
    made = org.create("Contact", LastName="A")
    select(org, "Contact")
    with bus.subscribe() as stream:
        edit(org, made, Title="T")
        edit(org, made, Title="T")
        first, second = stream.events(2)
    assert first.changed == ["Title", "LastModifiedDate", "LastModifiedById"]
    assert first.values["LastModifiedById"] == first.header["commitUser"] != org.user_id
    assert first.header["changeOrigin"] == "com/salesforce/api/soap/68.0;client=SfdcInternalAPI/"
    assert second.changed == ["LastModifiedDate"]


def test_line_8_records_that_change_alike_come_merged(org: Driver, bus: Bus) -> None:
    ids = [org.create("Contact", LastName=name) for name in "ABC"]
    select(org, "Contact")
    with bus.subscribe() as stream:
        titles = ("Same", "Other", "Same")
        rows = [{"Id": one, "Title": title} for one, title in zip(ids, titles, strict=True)]
        org.call("PATCH", "/composite/sobjects", {"records": rows_of("Contact", rows)})
        org.call("DELETE", "/composite/sobjects", params={"ids": ",".join(ids)})
        same, other, gone = stream.events(3)
    assert (same.kind, same.ids, same.values["Title"]) == ("UPDATE", [ids[0], ids[2]], "Same")
    assert (other.ids, other.values["Title"]) == ([ids[1]], "Other")
    assert (gone.kind, gone.ids, gone.values) == ("DELETE", ids, {})
    keys = [one.header["transactionKey"] for one in (same, other, gone)]
    assert keys[0] == keys[1] != keys[2]
    numbers = [one.header["sequenceNumber"] for one in (same, other, gone)]
    assert numbers == [1, 2, 1]
    commits = [one.header["commitNumber"] for one in (same, other, gone)]
    assert commits[0] == commits[1] < commits[2]


def test_creations_are_never_merged(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    with bus.subscribe() as stream:
        records = rows_of("Contact", [{"LastName": "A"}, {"LastName": "A"}])
        org.call("POST", "/composite/sobjects", {"records": records})
        first, second = stream.events(2)
    assert first.ids != second.ids
    assert (len(first.ids), len(second.ids)) == (1, 1)


def test_deletion_and_undeletion(org: Driver, bus: Bus) -> None:
    made = org.create("Contact", LastName="A", Title="T")
    select(org, "Contact")
    with bus.subscribe() as stream:
        org.call("DELETE", f"/sobjects/Contact/{made}")
        org.control("undelete", {"object": "Contact", "id": made})
        gone, back = stream.events(2)
    assert (gone.kind, gone.ids, gone.values) == ("DELETE", [made], {})
    assert (back.kind, back.ids, back.changed) == ("UNDELETE", [made], [])
    assert (back.values["Title"], back.values["Name"]["LastName"]) == ("T", "A")


def test_a_cascade_is_one_transaction(org: Driver, bus: Bus) -> None:
    account = org.create("Account", Name="A")
    contacts = [org.create("Contact", LastName=name, AccountId=account) for name in "BC"]
    select(org, "Account", "Contact")
    with bus.subscribe() as stream:
        org.call("DELETE", f"/sobjects/Account/{account}")
        children, parent = stream.events(2)
    assert (children.kind, children.ids) == ("DELETE", contacts)
    assert (parent.header["entityName"], parent.ids) == ("Account", [account])
    assert children.header["transactionKey"] == parent.header["transactionKey"]


def test_a_lead_conversion_is_one_transaction_of_four_events(org: Driver, bus: Bus) -> None:
    lead = org.create("Lead", LastName="L", Company="C")
    select(org)
    with bus.subscribe() as stream:
        made = org.control("convert-lead", {"id": lead, "opportunity": True})
        events = stream.events(4)
    assert [(one.header["entityName"], one.kind, one.ids) for one in events] == [
        ("Account", "CREATE", [made["account_id"]]),
        ("Contact", "CREATE", [made["contact_id"]]),
        ("Opportunity", "CREATE", [made["opportunity_id"]]),
        ("Lead", "UPDATE", [lead]),
    ]
    assert len({one.header["transactionKey"] for one in events}) == 1
    assert [one.header["sequenceNumber"] for one in events] == [1, 2, 3, 4]
    assert set(events[3].changed) == {
        "Status",
        "IsUnreadByOwner",
        "IsConverted",
        "ConvertedDate",
        "ConvertedAccountId",
        "ConvertedContactId",
        "ConvertedOpportunityId",
        "LastModifiedDate",
        "LastModifiedById",
    }
    assert events[3].values["ConvertedContactId"] == made["contact_id"]


def test_sequence_numbers_leave_room_for_objects_that_nobody_selected(
    org: Driver, bus: Bus
) -> None:
    lead = org.create("Lead", LastName="L", Company="C")
    select(org, "Lead")
    with bus.subscribe() as stream:
        org.control("convert-lead", {"id": lead})
        assert stream.event().header["sequenceNumber"] == 3


def test_every_way_of_writing_makes_events(jobs: Jobs, bus: Bus) -> None:
    org = jobs.org
    select(org, "Contact")
    with bus.subscribe() as stream:
        one = org.create("Contact", LastName="A")
        key = "/sobjects/Contact/Causeway_Key__c/k1"
        two = org.call("PATCH", key, {"LastName": "B"}).json()["id"]
        sub = {
            "method": "PATCH",
            "url": f"/services/data/v66.0/sobjects/Contact/{two}",
            "referenceId": "r",
            "body": {"Title": "composite"},
        }
        org.call("POST", "/composite", {"compositeRequest": [sub]}, headers=CLIENT)
        org.control("create", {"object": "Contact", "fields": {"LastName": "C"}})
        jobs.start("insert", "LastName\nD\n")
        jobs.pass_time()
        events = stream.events(5)
    kinds = [(event.kind, event.header["changeOrigin"]) for event in events]
    rest, pages = "com/salesforce/api/rest/66.0", "com/salesforce/api/soap/68.0"
    assert kinds == [
        ("CREATE", rest),
        ("CREATE", rest),
        ("UPDATE", f"{rest};client=causeway"),
        ("CREATE", f"{pages};client=SfdcInternalAPI/"),
        ("CREATE", "com/salesforce/api/bulkapi/66.0"),
    ]
    assert [event.ids for event in events[:3]] == [[one], [two], [two]]


def test_what_is_taken_back_makes_no_event(org: Driver, bus: Bus) -> None:
    select(org, "Contact")
    with bus.subscribe() as stream:
        records = rows_of("Contact", [{"LastName": "A"}, {"Title": "no last name"}])
        body = {"allOrNone": True, "records": records}
        org.call("POST", "/composite/sobjects", body)
        last = org.create("Contact", LastName="Z")
        assert stream.event().ids == [last]


@pytest.mark.parametrize("notify", [False, True])
def test_a_seed_is_told_of_only_if_wanted(org: Driver, bus: Bus, *, notify: bool) -> None:
    select(org, "Contact")
    with bus.subscribe() as stream:
        org.control("seed", {"people": 3, "notify": notify})
        last = org.create("Contact", LastName="Z")
        events = stream.events(4 if notify else 1)
    assert events[-1].ids == [last]


def test_long_texts_come_as_differences(org: Driver, bus: Bus) -> None:
    lines = [f"{number} {'x' * 50}" for number in range(40)]
    made = org.create("Contact", LastName="A", Description="\n".join(lines))
    lines[7] = "changed"
    new = "\n".join([*lines, "added"])
    select(org, "Contact")
    with bus.subscribe() as stream:
        org.call("PATCH", f"/sobjects/Contact/{made}", {"Description": new})
        org.call("PATCH", f"/sobjects/Contact/{made}", {"Description": "short"})
        diff, whole = stream.events(2)
    assert diff.names("diffFields") == ["Description"]
    assert diff.changed == ["Description", "LastModifiedDate"]
    assert diff.values["Description"] == "\n".join(
        [
            "--- ",
            f"+++ {hashlib.sha256(new.encode()).hexdigest()}",
            "@@ -8,1 +8,1 @@",
            f"-7 {'x' * 50}",
            "+changed",
            "@@ -40,0 +41,1 @@",
            "+added",
        ]
    )
    assert (whole.header["diffFields"], whole.values["Description"]) == ([], "short")


def test_fields_that_a_user_may_not_see_stay_away(jobs: Jobs, bus: Bus) -> None:
    org = jobs.org
    select(org, "Contact")
    org.switch(hidden_fields={"Contact": ["Title", "LastName"]})
    with bus.subscribe() as stream:
        made = org.control(
            "create", {"object": "Contact", "fields": {"LastName": "A", "Title": "T"}}
        )["id"]
        edit(org, made, Title="U", LastName="B", Phone="1")
        creation, update = stream.events(2)
    assert "Title" not in creation.values
    assert "Name" not in creation.values
    assert update.changed == ["Phone", "LastModifiedDate"]
