"""Lead conversion, as somebody does it in the org's pages (facts: section 2.11)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.simulators.salesforce.errors import converted, invalid_reference
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.schema.choices import CONVERTED_STATUS
from tests.simulators.salesforce.stamps import day, stamp
from tests.simulators.salesforce.store import Record
from tests.simulators.salesforce.writer import existing

CONTACT_FROM_LEAD = {
    "FirstName": "FirstName",
    "LastName": "LastName",
    "Salutation": "Salutation",
    "Title": "Title",
    "Email": "Email",
    "Phone": "Phone",
    "MobilePhone": "MobilePhone",
    "LeadSource": "LeadSource",
    "MailingStreet": "Street",
    "MailingCity": "City",
    "MailingState": "State",
    "MailingPostalCode": "PostalCode",
    "MailingCountry": "Country",
}
DAYS_TO_CLOSE = 30


def convert(org: Org, body: Mapping[str, Any]) -> dict[str, str | None]:
    """Convert the lead ``id``; into ``account_id`` or ``contact_id`` if given.

    Makes an opportunity only when ``opportunity`` is true. Tasks of the lead move to the contact;
    the lead's custom fields do not. SalesforceError when the lead is gone or converted already.
    """
    lead = existing(org.store, "Lead", long_form(str(body.get("id", ""))))
    if lead.fields["IsConverted"]:
        raise converted()
    account_id = _account(org, lead, body.get("account_id"))
    contact_id = _contact(org, lead, account_id, body.get("contact_id"))
    deal_id = _opportunity(org, lead, account_id) if body.get("opportunity") else None
    for task in org.store.table("Task").find("WhoId", lead.id) or ():
        if task.deleted_at is None:
            org.writer.update(task, {"WhoId": contact_id}, org.human)
    today = day(org.clock.milliseconds()).isoformat()
    org.writer.update(lead, {"Status": CONVERTED_STATUS, "IsUnreadByOwner": False}, org.human)
    changed = existing(org.store, "Lead", lead.id)
    links = {
        "IsConverted": True,
        "ConvertedDate": today,
        "ConvertedAccountId": account_id,
        "ConvertedContactId": contact_id,
        "ConvertedOpportunityId": deal_id,
    }
    now = org.pulse.next()
    times = dict.fromkeys(("SystemModstamp", "LastModifiedDate"), stamp(now // 1_000))
    final = replace(changed, fields={**changed.fields, **links, **times}, stamp=now)
    org.store.write(final, kind="update", by="user", fields=links, origin=org.human.origin)
    return {"lead_id": lead.id, "account_id": account_id, "contact_id": contact_id} | {
        "opportunity_id": deal_id
    }


def _chosen(org: Org, object_name: str, given: Any) -> Record:
    record = org.store.get(object_name, long_form(str(given)) or "")
    if record is None or record.deleted_at is not None:
        raise invalid_reference()
    return record


def _account(org: Org, lead: Record, given: Any) -> str:
    if given is not None:
        return _chosen(org, "Account", given).id
    body = {"Name": lead.fields["Company"], "OwnerId": lead.fields["OwnerId"]}
    return org.writer.insert("Account", body, org.human)


def _contact(org: Org, lead: Record, account_id: str, given: Any) -> str:
    if given is not None:
        return _chosen(org, "Contact", given).id
    values = {name: lead.fields.get(source) for name, source in CONTACT_FROM_LEAD.items()}
    body = {name: value for name, value in values.items() if value is not None}
    owned = {**body, "AccountId": account_id, "OwnerId": lead.fields["OwnerId"]}
    return org.writer.insert("Contact", owned, org.human)


def _opportunity(org: Org, lead: Record, account_id: str) -> str:
    closes = day(org.clock.milliseconds()) + timedelta(days=DAYS_TO_CLOSE)
    body = {
        "Name": f"{lead.fields['Company']}-",
        "AccountId": account_id,
        "StageName": "Prospecting",
        "CloseDate": closes.isoformat(),
        "OwnerId": lead.fields["OwnerId"],
    }
    return org.writer.insert("Opportunity", body, org.human)
