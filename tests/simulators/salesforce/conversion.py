"""Lead conversion, as somebody does it in the org's pages (facts: section 2.11)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from tests.simulators.salesforce.errors import converted, invalid_reference
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.schema.choices import CONVERTED_STATUS
from tests.simulators.salesforce.stamps import day, stamp
from tests.simulators.salesforce.store import Record
from tests.simulators.salesforce.writer import Author, existing

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


def convert(
    org: Org, body: Mapping[str, Any], author: Author | None = None
) -> dict[str, str | None]:
    """Convert the lead ``id``; into ``account_id`` or ``contact_id`` if given.

    Makes an opportunity only when ``opportunity`` is true (its name: ``opportunity_name``), and
    gives what is new to ``owner_id`` if given. Tasks of the lead move to the contact; the lead's
    custom fields do not. Without an author a person does it. SalesforceError when the lead is gone
    or converted already.
    """
    author = author or org.human
    lead = existing(org.store, "Lead", long_form(str(body.get("id", ""))))
    if lead.fields["IsConverted"]:
        raise converted()
    owner = body.get("owner_id") or lead.fields["OwnerId"]
    new = _New(org, lead, owner, author)
    account_id = new.account(body.get("account_id"))
    contact_id = new.contact(account_id, body.get("contact_id"))
    deal_id = None
    if body.get("opportunity"):
        deal_id = new.opportunity(account_id, body.get("opportunity_name"))
    for task in org.store.table("Task").find("WhoId", lead.id) or ():
        if task.deleted_at is None:
            org.writer.update(task, {"WhoId": contact_id}, author)
    today = day(org.clock.milliseconds()).isoformat()
    org.writer.update(lead, {"Status": CONVERTED_STATUS, "IsUnreadByOwner": False}, author)
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
    org.store.write(final, kind="update", by=author.by, fields=links, origin=org.human.origin)
    return {"lead_id": lead.id, "account_id": account_id, "contact_id": contact_id} | {
        "opportunity_id": deal_id
    }


def _chosen(org: Org, object_name: str, given: Any) -> Record:
    record = org.store.get(object_name, long_form(str(given)) or "")
    if record is None or record.deleted_at is not None:
        raise invalid_reference()
    return record


@dataclass(frozen=True, slots=True)
class _New:
    """What a conversion makes of a lead."""

    org: Org
    lead: Record
    owner_id: str
    author: Author

    def _insert(self, object_name: str, body: dict[str, Any]) -> str:
        owned = {**body, "OwnerId": self.owner_id}
        return self.org.writer.insert(object_name, owned, self.author)

    def account(self, given: Any) -> str:
        if given is not None:
            return _chosen(self.org, "Account", given).id
        return self._insert("Account", {"Name": self.lead.fields["Company"]})

    def contact(self, account_id: str, given: Any) -> str:
        if given is not None:
            return _chosen(self.org, "Contact", given).id
        fields = self.lead.fields
        values = {name: fields.get(source) for name, source in CONTACT_FROM_LEAD.items()}
        body = {name: value for name, value in values.items() if value is not None}
        return self._insert("Contact", {**body, "AccountId": account_id})

    def opportunity(self, account_id: str, name: Any) -> str:
        closes = day(self.org.clock.milliseconds()) + timedelta(days=DAYS_TO_CLOSE)
        body = {
            "Name": str(name or f"{self.lead.fields['Company']}-"),
            "AccountId": account_id,
            "StageName": "Prospecting",
            "CloseDate": closes.isoformat(),
        }
        return self._insert("Opportunity", body)
