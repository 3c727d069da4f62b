"""Fills the org with an invented world."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any

from tests.simulators.machinery.garbage import growing
from tests.simulators.people import Person
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.schema.choices import INDUSTRIES, STAGES
from tests.simulators.world.activities import Activity
from tests.simulators.world.companies import Company
from tests.simulators.world.deals import LOST, WON, Deal
from tests.simulators.world.plan import ACTIVITIES, Plan, parse_plan
from tests.simulators.world.world import World

DEFAULT_SEED = 1
CONTACT, LEAD = "Contact", "Lead"
STEPS = {**dict(enumerate(STAGES)), WON: "Closed Won", LOST: "Closed Lost"}
URGENCIES = {"low": "Low", "normal": "Normal", "high": "High"}
STATUSES = {
    "open": "Not Started",
    "started": "In Progress",
    "waiting": "Waiting on someone else",
    "deferred": "Deferred",
    "done": "Completed",
}
SECONDS = 60
UNCOMMITTED = 10_000
"""Records after which what was made becomes final: a plan that can be read does not fail."""
Fields = dict[str, Any]
Ids = dict[str, list[str]]


def seed(org: Org, body: Mapping[str, Any]) -> Ids:
    """Make the world of an order (see ``world.plan``): ids by kind, of the people as ``ids``.

    ``"object": "Lead"`` makes leads of the people. ``accounts`` also makes an account for each
    company that a person names, and puts contacts into it, where the order has no ``companies``.
    Notes, calls, e-mails and meetings are tasks here, as Salesforce keeps its activities. Twins
    come last among the people. ValueError for a bad order.
    """
    plan = parse_plan(body, people=0, seed=DEFAULT_SEED)
    object_name = str(body.get("object", CONTACT))
    if object_name not in {CONTACT, LEAD}:
        raise ValueError(f"object is {object_name}, it must be {CONTACT} or {LEAD}")
    by_name = bool(body.get("accounts")) and object_name == CONTACT and not plan.companies
    with growing():
        return _Sower(org, plan, object_name, by_name=by_name).sow()


class _Sower:
    """Makes one world."""

    def __init__(self, org: Org, plan: Plan, people: str, *, by_name: bool) -> None:
        self._org = org
        self._plan = plan
        self._world = World(plan)
        self._people = people
        self._by_name = by_name
        self._accounts: dict[str, str] = {}
        self._owners = cycle([member.id for member in org.members if member.active])

    def sow(self) -> Ids:
        companies = [self._make("Account", _account(one)) for one in self._world.companies()]
        people = list(self._everybody(companies))
        made: Ids = {"companies": companies, "deals": list(self._deals(companies))}
        for kind in ACTIVITIES:
            made[kind] = list(self._activities(kind, people, made["deals"]))
        return {"ids": people, **{kind: ids for kind, ids in made.items() if ids}}

    def _make(self, object_name: str, fields: Fields) -> str:
        owned = {**fields, "OwnerId": next(self._owners)}
        if self._org.store.mark() > UNCOMMITTED:
            self._org.store.commit()
        return self._org.writer.insert(object_name, owned, self._org.human)

    def _everybody(self, companies: Sequence[str]) -> Iterator[str]:
        twins = []
        for number, one in enumerate(self._world.people()):
            row = _lead(one) if self._people == LEAD else _contact(one)
            if self._people == CONTACT and companies:
                row["AccountId"] = companies[self._world.company_of(number)]
            if self._by_name:
                row["AccountId"] = self._account_of(one)
            if number < self._plan.twins:
                twins.append({**row, "Email": str(row["Email"]).upper()})
            yield self._make(self._people, row)
        for twin in twins:
            yield self._make(self._people, twin)

    def _account_of(self, one: Person) -> str:
        if one.company not in self._accounts:
            body = {"Name": one.company, "BillingCity": one.city, "BillingCountry": one.country}
            self._accounts[one.company] = self._org.writer.insert("Account", body, self._org.human)
        return self._accounts[one.company]

    def _deals(self, companies: Sequence[str]) -> Iterator[str]:
        for deal, buyer, _person in self._world.deals():
            fields = _opportunity(deal)
            if buyer is not None:
                fields["AccountId"] = companies[buyer]
            yield self._make("Opportunity", fields)

    def _activities(self, kind: str, people: Sequence[str], deals: Sequence[str]) -> Iterator[str]:
        for one, person, deal in self._world.activities(kind):
            fields = TASKS[kind](one)
            if person is not None:
                fields["WhoId"] = people[person]
            if deal is not None and self._people == CONTACT:
                fields["WhatId"] = deals[deal]
            yield self._make("Task", fields)


def _common(one: Person) -> Fields:
    fields = {
        "FirstName": one.first_name,
        "LastName": one.last_name,
        "Email": one.email,
        "Phone": one.phone,
        "Title": one.title,
    }
    return {**fields, "Description": one.remark} if one.remark else fields


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


def _account(one: Company) -> Fields:
    return {
        "Name": one.name,
        "Website": one.website,
        "Phone": one.phone,
        "BillingStreet": one.street,
        "BillingCity": one.city,
        "BillingPostalCode": one.postal_code,
        "BillingCountry": one.country,
        "NumberOfEmployees": one.employees,
        "AnnualRevenue": one.revenue,
        "Industry": INDUSTRIES[one.trade],
        "Description": one.remark,
    }


def _opportunity(one: Deal) -> Fields:
    return {
        "Name": one.name,
        "Amount": None if one.amount is None else one.amount / 100,
        "StageName": STEPS[one.step],
        "CloseDate": one.close.isoformat(),
        "Type": "New Business" if one.new_business else "Existing Business",
    }


def _task(one: Activity) -> Fields:
    return {
        "Subject": one.subject,
        "Description": one.body,
        "ActivityDate": one.at.date().isoformat(),
        "Priority": URGENCIES[one.urgency],
        "Status": STATUSES[one.progress],
    }


def _over(one: Activity) -> Fields:
    """What was done already, as calls and e-mails are when they are written down."""
    return {**_task(one), "Status": STATUSES["done"]}


def _call(one: Activity) -> Fields:
    called = {"CallType": "Inbound" if one.incoming else "Outbound", "TaskSubtype": "Call"}
    return {**_over(one), **called, "CallDurationInSeconds": one.minutes * SECONDS}


def _email(one: Activity) -> Fields:
    return {**_over(one), "TaskSubtype": "Email"}


TASKS: dict[str, Callable[[Activity], Fields]] = dict(
    zip(ACTIVITIES, (_task, _over, _call, _email, _over), strict=True)
)
