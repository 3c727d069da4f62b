from typing import Any

import pytest

from tests.contracts.simulators.salesforce.bulk_driver import Jobs
from tests.contracts.simulators.salesforce.driver import Driver, rows_of
from tests.contracts.simulators.salesforce.soap_listener import (
    ACKED,
    FIELDS,
    Answer,
    Listener,
    define,
    eventually,
    pass_time,
    pending,
    response,
)


def test_line_9_the_envelope_is_what_salesforce_sends(org: Driver, listener: Listener) -> None:
    names = ["FirstName", "LastName", "Phone", "CreatedDate", "IsDeleted"]
    action_id = define(org, listener, fields=names)
    assert action_id.startswith("04k")
    made = org.create("Contact", FirstName="<A> & \u0001B", LastName="Smith")
    created = org.get("Contact", made)["CreatedDate"].replace("+0000", "Z")
    found = listener.take()
    notification_id = found.ids[0]
    assert notification_id.startswith("04l")
    base = str(org.http.base_url).rstrip("/")
    assert (
        found.text
        == f"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" \
xmlns:xsd="http://www.w3.org/2001/XMLSchema" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>00D5g0000000001EAA</OrganizationId>
   <ActionId>{action_id}</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>{base}/services/Soap/c/68.0/00D5g0000000001</EnterpriseUrl>
   <PartnerUrl>{base}/services/Soap/u/68.0/00D5g0000000001</PartnerUrl>
   <Notification>
    <Id>{notification_id}</Id>
    <sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id>{made}</sf:Id>
     <sf:CreatedDate>{created}</sf:CreatedDate>
     <sf:FirstName>&lt;A&gt; &amp; B</sf:FirstName>
     <sf:IsDeleted>false</sf:IsDeleted>
     <sf:LastName>Smith</sf:LastName>
    </sObject>
   </Notification>
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>
"""
    )
    assert found.headers["content-type"] == "text/xml; charset=utf-8"
    assert found.headers["soapaction"] == '""'


def test_line_9_up_to_100_notifications_come_together_in_no_order(
    org: Driver, listener: Listener
) -> None:
    define(org, listener)
    records = [{"LastName": f"N{number}"} for number in range(250)]
    ids = org.control("create-many", {"object": "Contact", "records": records})["ids"]
    found = listener.take_all(org)
    sizes = [len(one.ids) for one in found]
    assert sorted(sizes) == [50, 100, 100]
    came = [record for one in found for _, record in one.notifications]
    assert sorted(came) == sorted(ids)
    assert came != ids
    assert len({one for envelope in found for one in envelope.ids}) == 250
    assert org.look("outbound-messages")["delivered"] == 250


def test_line_9_the_values_are_the_latest_not_those_at_the_time(
    org: Driver, listener: Listener
) -> None:
    listener.script(Answer(body=response("false")))
    define(org, listener)
    made = org.create("Contact", LastName="Old")
    assert "<sf:LastName>Old</sf:LastName>" in listener.take().text
    pending(org)
    org.control("edit", {"object": "Contact", "id": made, "fields": {"LastName": "New"}})
    listener.take()
    pass_time(org, 30)
    assert "<sf:LastName>New</sf:LastName>" in listener.take().text


def test_line_9_a_deletion_fires_nothing_and_ends_what_waits(
    org: Driver, listener: Listener
) -> None:
    listener.script(Answer(body=response("false")))
    define(org, listener)
    made = org.create("Contact", LastName="A")
    listener.take()
    waiting = pending(org)
    assert len(waiting) == 1
    org.call("DELETE", f"/sobjects/Contact/{made}")
    org.control("undelete", {"object": "Contact", "id": made})
    org.call("DELETE", f"/sobjects/Contact/{made}")
    assert len(pending(org)) == 1
    pass_time(org, 30)
    eventually(lambda: org.look("quiet") == ACKED)
    assert org.look("outbound-messages")["dropped"] == [waiting[0]["id"]]
    assert listener.received.empty()


def test_line_9_every_way_of_writing_fires(jobs: Jobs, listener: Listener) -> None:
    org = jobs.org
    action_id = define(org, listener)
    define(org, listener, object="Lead", fields=["Company"], on=["create"])
    one = org.create("Contact", LastName="A")
    org.call("PATCH", f"/sobjects/Contact/{one}", {"LastName": "B"})
    records = rows_of("Contact", [{"LastName": "C"}])
    two = org.call("POST", "/composite/sobjects", {"records": records}).json()[0]["id"]
    jobs.start("insert", "LastName\nD\n")
    jobs.pass_time()
    lead = org.create("Lead", LastName="L", Company="First")
    org.call("PATCH", f"/sobjects/Lead/{lead}", {"Company": "Second"})
    eventually(lambda: len(org.rows("SELECT Id FROM Contact")) == 3)
    found = listener.take_all(org)
    contacts = [
        record
        for envelope in found
        if action_id in envelope.text
        for _, record in envelope.notifications
    ]
    assert len(contacts) == 4
    assert (contacts.count(one), contacts.count(two)) == (2, 1)
    leads = [envelope for envelope in found if "sf:Lead" in envelope.text]
    assert [record for envelope in leads for _, record in envelope.notifications] == [lead]


def test_line_9_a_bulk_job_fires_although_nobody_asks_for_it(
    jobs: Jobs, listener: Listener
) -> None:
    define(jobs.org, listener)
    jobs.start("insert", "LastName\nD\n")
    jobs.pass_time()
    assert "<sf:LastName>D</sf:LastName>" in listener.take().text


def test_line_9_a_seed_is_silent_unless_it_is_to_notify(org: Driver, listener: Listener) -> None:
    org.create("Contact", LastName="Before")
    define(org, listener)
    org.control("seed", {"people": 5})
    assert org.look("quiet") == ACKED
    org.control("seed", {"people": 3, "seed": 8, "notify": True})
    assert sum(len(one.ids) for one in listener.take_all(org)) == 3


def test_line_9_a_session_id_opens_the_api(org: Driver, listener: Listener) -> None:
    define(org, listener, include_session=True)
    org.create("Contact", LastName="A")
    text = listener.take().text
    token = text.partition("<SessionId>")[2].partition("</SessionId>")[0]
    org.token = token
    assert org.call("GET", "/limits").status_code == 200


def test_line_9_deliveries_are_no_api_calls(org: Driver, listener: Listener) -> None:
    define(org, listener)
    org.create("Contact", LastName="A")
    listener.take_all(org)
    assert org.used() == 1


def test_line_9_a_deleted_message_and_a_reset_end_everything(
    org: Driver, listener: Listener
) -> None:
    listener.script(*(Answer(body=response("false")) for _ in range(2)))
    for end in ("delete", "reset"):
        action_id = define(org, listener)
        org.create("Contact", LastName=end)
        listener.take()
        assert len(pending(org)) == 1
        if end == "reset":
            org.control("reset")
        else:
            path = f"/_control/outbound-messages/{action_id}"
            assert org.http.delete(path).status_code == 200
            assert org.http.delete(path).status_code == 404
        assert org.look("outbound-messages")["messages"] == []
        assert org.look("quiet") == ACKED


@pytest.mark.parametrize(
    "change",
    [
        {"object": "Nothing"},
        {"fields": ["Nothing"]},
        {"fields": ["MailingAddress"]},
        {"endpoint_url": "https://example.com/hook"},
        {"endpoint_url": "ftp://127.0.0.1/hook"},
        {"on": ["delete"]},
    ],
)
def test_line_9_messages_that_cannot_be_defined(org: Driver, change: dict[str, Any]) -> None:
    body = {"object": "Contact", "fields": FIELDS, "endpoint_url": "http://127.0.0.1:9", **change}
    answer = org.http.post("/_control/outbound-messages", json=body)
    assert answer.status_code == 400
    assert answer.json()["detail"]
