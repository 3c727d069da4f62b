"""Fills the org with invented people."""

from collections.abc import Mapping
from typing import Any

from tests.simulators.people import Person, people
from tests.simulators.salesforce.org import Org

MAX_PEOPLE = 200_000
Fields = dict[str, Any]


def seed(org: Org, body: Mapping[str, Any]) -> list[str]:
    """Create ``people`` contacts (or leads: ``"object": "Lead"``); the ids, twins last.

    ``accounts`` also makes an account for each company and puts the contacts into it.
    ``duplicates`` adds so many twins, whose e-mail differs in case only. ValueError for bad input.
    """
    count = int(body.get("people", 0))
    if not 0 <= count <= MAX_PEOPLE:
        raise ValueError(f"people is {count}, it must be 0 to {MAX_PEOPLE}")
    object_name = str(body.get("object", "Contact"))
    if object_name not in {"Contact", "Lead"}:
        raise ValueError(f"object is {object_name}, it must be Contact or Lead")
    crowd = people(
        count,
        seed=int(body.get("seed", 1)),
        email_domain=str(body.get("email_domain", "example.com")),
    )
    rows = [_contact(one) if object_name == "Contact" else _lead(one) for one in crowd]
    if body.get("accounts") and object_name == "Contact":
        _place_in_accounts(org, crowd, rows)
    twins = [
        {**row, "Email": row["Email"].upper()} for row in rows[: int(body.get("duplicates", 0))]
    ]
    owners = [member.id for member in org.members if member.active]
    ids = []
    for number, row in enumerate([*rows, *twins]):
        owned = {**row, "OwnerId": owners[number % len(owners)]}
        ids.append(org.writer.insert(object_name, owned, org.human))
    return ids


def _common(one: Person) -> Fields:
    return {
        "FirstName": one.first_name,
        "LastName": one.last_name,
        "Email": one.email,
        "Phone": one.phone,
        "Title": one.title,
    }


def _contact(one: Person) -> Fields:
    return {
        **_common(one),
        "MailingStreet": one.street,
        "MailingCity": one.city,
        "MailingPostalCode": one.postal_code,
        "MailingCountry": one.country,
    }


def _lead(one: Person) -> Fields:
    return {
        **_common(one),
        "Company": one.company,
        "Street": one.street,
        "City": one.city,
        "PostalCode": one.postal_code,
        "Country": one.country,
    }


def _place_in_accounts(org: Org, crowd: list[Person], rows: list[Fields]) -> None:
    accounts: dict[str, str] = {}
    for one, row in zip(crowd, rows, strict=True):
        if one.company not in accounts:
            body = {"Name": one.company, "BillingCity": one.city, "BillingCountry": one.country}
            accounts[one.company] = org.writer.insert("Account", body, org.human)
        row["AccountId"] = accounts[one.company]
