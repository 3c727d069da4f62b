"""Fills the portal with an invented world."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.hubspot.catalogue import DEAL_STAGES, INDUSTRIES
from tests.simulators.hubspot.model import ObjectType, Record, Values
from tests.simulators.hubspot.object_types import (
    CALL,
    COMPANY,
    CONTACT,
    DEAL,
    EMAIL_MESSAGE,
    MEETING,
    NOTE,
    TASK,
)
from tests.simulators.hubspot.portal import USER, Portal
from tests.simulators.hubspot.unique import EMAIL
from tests.simulators.hubspot.wire import iso
from tests.simulators.hubspot.writing import Manner
from tests.simulators.people import Person
from tests.simulators.world.activities import Activity
from tests.simulators.world.companies import Company
from tests.simulators.world.deals import LOST, WON, Deal
from tests.simulators.world.plan import ACTIVITIES, Plan
from tests.simulators.world.world import World

BY_HAND = Manner(USER)
ENGAGEMENTS = dict(zip(ACTIVITIES, (TASK, NOTE, CALL, EMAIL_MESSAGE, MEETING), strict=True))
STATUSES = {
    "open": "NOT_STARTED",
    "started": "IN_PROGRESS",
    "waiting": "WAITING",
    "deferred": "DEFERRED",
    "done": "COMPLETED",
}
STAGES = {**dict(enumerate(DEAL_STAGES)), WON: "closedwon", LOST: "closedlost"}
MINUTE = 60_000


@dataclass(slots=True)
class Sown:
    """The records of a seed by what they are; twins come last among the people."""

    people: list[Record] = field(default_factory=list)
    companies: list[Record] = field(default_factory=list)
    deals: list[Record] = field(default_factory=list)
    activities: dict[str, list[Record]] = field(default_factory=dict)

    def as_json(self) -> dict[str, list[str]]:
        """Ids: ``ids`` of the people, and one list more for each other kind that there is."""
        others = {"companies": self.companies, "deals": self.deals, **self.activities}
        return {
            "ids": [str(one.id) for one in self.people],
            **{name: [str(one.id) for one in made] for name, made in others.items() if made},
        }


def sow(portal: Portal, plan: Plan) -> Sown:
    """Make everything of the plan, as users would have typed it in."""
    sown, world = Sown(), World(plan)
    owners = [one.id for one in portal.owners.listed(archived=False, email=None)]
    for number, firm in enumerate(world.companies()):
        values = {**_company(firm), "hubspot_owner_id": owners[number % len(owners)]}
        sown.companies.append(_make(portal, COMPANY, values))
    sown.people += _people(portal, world, sown.companies)
    for number, (deal, buyer, person) in enumerate(world.deals()):
        values = {**_deal(deal), "hubspot_owner_id": owners[number % len(owners)]}
        others = [*_at(sown.companies, buyer), *_at(sown.people, person)]
        sown.deals.append(_make(portal, DEAL, values, others))
    for name, kind in ENGAGEMENTS.items():
        sown.activities[name] = [
            _make(
                portal,
                kind,
                {**ENGAGED[name](one), "hubspot_owner_id": owners[number % len(owners)]},
                [*_at(sown.people, person), *_at(sown.deals, deal)],
            )
            for number, (one, person, deal) in enumerate(world.activities(name))
        ]
    return sown


def _people(portal: Portal, world: World, companies: Sequence[Record]) -> Iterator[Record]:
    plan = world.plan
    twins: list[Values] = []
    for number, one in enumerate(world.people()):
        values = _contact(one)
        if number < plan.twins:
            # HubSpot allows no address twice, so the twin has none.
            twins.append({name: value for name, value in values.items() if name != EMAIL})
        employer = [companies[world.company_of(number)]] if companies else []
        yield _make(portal, CONTACT, values, employer)
    for values in twins:
        yield _make(portal, CONTACT, values)


def _at(records: Sequence[Record], place: int | None) -> Sequence[Record]:
    return () if place is None else (records[place],)


def _make(
    portal: Portal, kind: ObjectType, values: Mapping[str, Any], others: Sequence[Record] = ()
) -> Record:
    draft = portal.writer.draft_create(kind, {"properties": values}, BY_HAND)
    record, _ = portal.writer.carry_out(draft, USER)
    for other in others:
        types = portal.associations.types.between(kind, other.type)
        portal.associations.connect(record, other, types, USER)
    return record


def _contact(one: Person) -> Values:
    values = {
        "firstname": one.first_name,
        "lastname": one.last_name,
        "email": one.email,
        "phone": one.phone,
        "company": one.company,
        "jobtitle": one.title,
        "address": one.street,
        "city": one.city,
        "zip": one.postal_code,
        "country": one.country,
    }
    return {**values, "message": one.remark} if one.remark else values


def _company(one: Company) -> Values:
    return {
        "name": one.name,
        "domain": one.domain,
        "website": one.website,
        "phone": one.phone,
        "address": one.street,
        "city": one.city,
        "zip": one.postal_code,
        "country": one.country,
        "numberofemployees": str(one.employees),
        "annualrevenue": str(one.revenue),
        "industry": INDUSTRIES[one.trade],
        "description": one.remark,
    }


def _deal(one: Deal) -> Values:
    return {
        "dealname": one.name,
        "amount": "" if one.amount is None else f"{one.amount // 100}.{one.amount % 100:02}",
        "dealstage": STAGES[one.step],
        "closedate": f"{one.close.isoformat()}T12:00:00Z",
        "dealtype": "newbusiness" if one.new_business else "existingbusiness",
    }


def _at_time(one: Activity, minutes: int = 0) -> str:
    return iso(int(one.at.timestamp() * 1_000) + minutes * MINUTE)


def _task(one: Activity) -> Values:
    urgency = {"low": "LOW", "normal": "MEDIUM", "high": "HIGH"}[one.urgency]
    return {
        "hs_timestamp": _at_time(one),
        "hs_task_subject": one.subject,
        "hs_task_body": one.body,
        "hs_task_status": STATUSES[one.progress],
        "hs_task_priority": urgency,
    }


def _note(one: Activity) -> Values:
    return {"hs_timestamp": _at_time(one), "hs_note_body": f"{one.subject}\n{one.body}"}


def _call(one: Activity) -> Values:
    return {
        "hs_timestamp": _at_time(one),
        "hs_call_title": one.subject,
        "hs_call_body": one.body,
        "hs_call_direction": "INBOUND" if one.incoming else "OUTBOUND",
        "hs_call_duration": str(one.minutes * MINUTE),
        "hs_call_status": "COMPLETED" if one.progress == "done" else "NO_ANSWER",
    }


def _email(one: Activity) -> Values:
    return {
        "hs_timestamp": _at_time(one),
        "hs_email_subject": one.subject,
        "hs_email_text": one.body,
        "hs_email_direction": "INCOMING_EMAIL" if one.incoming else "EMAIL",
        "hs_email_status": "SENT",
    }


def _meeting(one: Activity) -> Values:
    return {
        "hs_timestamp": _at_time(one),
        "hs_meeting_title": one.subject,
        "hs_meeting_body": one.body,
        "hs_meeting_start_time": _at_time(one),
        "hs_meeting_end_time": _at_time(one, one.minutes),
        "hs_meeting_outcome": "COMPLETED" if one.progress == "done" else "SCHEDULED",
    }


ENGAGED = dict(zip(ACTIVITIES, (_task, _note, _call, _email, _meeting), strict=True))
