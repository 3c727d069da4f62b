"""Every setting has its sentence."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from services.mapping.domain.choices import (
    Activities,
    Choices,
    Companies,
    ContactDeletions,
    Contacts,
    Deals,
    InclusionList,
    OwnerPair,
    PipelinePair,
    StagePair,
    TimelineRule,
)
from services.mapping.domain.model import Conversion, Pipeline, Rule, Stage, ValuePair, Wanted
from services.mapping.domain.wording import Labels, differ
from services.mapping.domain.wording.labels import SUBJECTS
from services.mapping.domain.wording.parts import TABLES
from shared.kernel.records import ObjectType

LABELS = Labels(
    (Pipeline("default", "Sales", (Stage("s1", "Open"), Stage("s2", "Won"))),),
    (Pipeline("012A", "Standard"), Pipeline("012B", "Partner")),
)
TITLE = Wanted("jobtitle", "Title")
ROW = PipelinePair("default", "012A", stages=(StagePair("s1", "New"),))
FORM = TimelineRule("form_submission")


def wanted(item: Wanted) -> Choices:
    return Choices(wanted=(item,))


def deals(pair: PipelinePair) -> Choices:
    return Choices(deals=Deals(pipelines=(pair,)))


def events(rule: TimelineRule) -> Choices:
    return Choices(activities=Activities(timeline=(rule,)))


CHANGED = [
    (
        Choices(),
        Choices(contacts=Contacts(create_in_salesforce="lead")),
        "What a new HubSpot contact becomes in Salesforce: changed from contact to lead.",
        "contacts.create_in_salesforce",
    ),
    (
        Choices(),
        Choices(contacts=Contacts(inclusion_list=InclusionList("7", "Customers"))),
        "List of the contacts that sync: changed from everybody to Customers (7).",
        "contacts.inclusion_list",
    ),
    (
        Choices(contacts=Contacts(deletions=ContactDeletions(salesforce_lead="delete"))),
        Choices(),
        "The HubSpot side of a deleted Salesforce lead: changed from delete to nothing.",
        "contacts.deletions.salesforce_lead",
    ),
    (
        Choices(),
        Choices(companies=Companies(enabled=True)),
        "Sync of companies: changed from off to on.",
        "companies.enabled",
    ),
    (
        Choices(deals=Deals(close_date_days=30)),
        Choices(),
        "Days until a deal without a close date closes: changed from 30 to 90.",
        "deals.close_date_days",
    ),
    (Choices(), deals(ROW), "Pipeline Sales: joined to Standard.", "deals.pipelines[default]"),
    (
        deals(ROW),
        Choices(),
        "Pipeline Sales: not joined any more to Standard.",
        "deals.pipelines[default]",
    ),
    (
        deals(ROW),
        deals(replace(ROW, salesforce="012B")),
        "Pipeline Sales: record type changed from Standard to Partner.",
        "deals.pipelines[default].salesforce",
    ),
    (
        deals(ROW),
        deals(replace(ROW, sync=False)),
        "Pipeline Sales: sync changed from on to off.",
        "deals.pipelines[default].sync",
    ),
    (
        deals(ROW),
        deals(replace(ROW, stages=(StagePair("s1", "Prospecting"),))),
        "Pipeline Sales: stage Open changed from New to Prospecting.",
        "deals.pipelines[default].stages[s1]",
    ),
    (
        deals(ROW),
        deals(replace(ROW, stages=(*ROW.stages, StagePair("s2", "Closed Won")))),
        "Pipeline Sales: stage Won is joined to Closed Won.",
        "deals.pipelines[default].stages[s2]",
    ),
    (
        deals(ROW),
        deals(replace(ROW, stages=())),
        "Pipeline Sales: stage Open is not joined to New any more.",
        "deals.pipelines[default].stages[s1]",
    ),
    (
        Choices(),
        Choices(activities=Activities(hubspot_tasks_to_salesforce=False)),
        "HubSpot tasks to Salesforce: changed from on to off.",
        "activities.hubspot_tasks_to_salesforce",
    ),
    (
        Choices(),
        Choices(activities=Activities(timeline_events=())),
        "HubSpot events that become Salesforce tasks: changed from form_submission to none.",
        "activities.timeline_events",
    ),
    (
        Choices(),
        events(FORM),
        "Event Form submission: becomes a task (type none, status Completed).",
        "activities.timeline[form_submission]",
    ),
    (
        events(FORM),
        Choices(),
        "Table of events: removed; the same events cross over, with the usual texts.",
        "activities.timeline",
    ),
    (
        events(FORM),
        events(replace(FORM, task_type="Call")),
        "Event Form submission: task type changed from none to Call.",
        "activities.timeline[form_submission].task_type",
    ),
    (
        Choices(),
        wanted(TITLE),
        (
            "Mapping jobtitle <-> Title: added for Contact and Lead, "
            "rule prefer_salesforce_unless_blank."
        ),
        "mappings[contact/jobtitle/Title]",
    ),
    (
        wanted(Wanted("phone", "Phone", Rule.TWO_WAY, ("Account",), ObjectType.COMPANY)),
        Choices(),
        "Mapping of companies phone <-> Phone: removed (it was for Account).",
        "mappings[company/phone/Phone]",
    ),
    (
        wanted(TITLE),
        wanted(replace(TITLE, rule=Rule.TWO_WAY)),
        "Mapping jobtitle <-> Title: rule changed from prefer_salesforce_unless_blank to two_way.",
        "mappings[contact/jobtitle/Title].rule",
    ),
    (
        wanted(TITLE),
        wanted(replace(TITLE, salesforce_objects=("Lead",))),
        "Mapping jobtitle <-> Title: objects changed from Contact and Lead to Lead.",
        "mappings[contact/jobtitle/Title].salesforce_objects",
    ),
    (
        wanted(TITLE),
        wanted(replace(TITLE, conversion=Conversion(time_zone="Europe/Riga"))),
        "Mapping jobtitle <-> Title: time zone changed from UTC to Europe/Riga.",
        "mappings[contact/jobtitle/Title].time_zone",
    ),
    (
        wanted(replace(TITLE, conversion=Conversion(values=(ValuePair("a", "A"),)))),
        wanted(replace(TITLE, conversion=Conversion(values=(ValuePair("b", "B"),)))),
        "Mapping jobtitle <-> Title: pairs of values changed: b = B added; a = A removed.",
        "mappings[contact/jobtitle/Title].values",
    ),
    (
        Choices(),
        Choices(owners=(OwnerPair("1", "005A"),)),
        "HubSpot owner 1: paired with user 005A.",
        "owners[1]",
    ),
    (
        Choices(owners=(OwnerPair("1", "005A"),)),
        Choices(owners=(OwnerPair("1", "005B"),)),
        "HubSpot owner 1: Salesforce user changed from 005A to 005B.",
        "owners[1]",
    ),
    (
        Choices(owners=(OwnerPair("1", "005A"),)),
        Choices(),
        "HubSpot owner 1: not paired with user 005A any more.",
        "owners[1]",
    ),
    (
        Choices(),
        Choices(daily_salesforce_calls=5000),
        "Salesforce calls that Causeway may make in a day: changed from no limit to 5000.",
        "daily_salesforce_calls",
    ),
]


@pytest.mark.parametrize(("before", "after", "text", "where"), CHANGED)
def test_a_difference_is_told_in_one_sentence(
    before: Choices, after: Choices, text: str, where: str
) -> None:
    [found] = differ(before, after, LABELS)
    assert (found.text, found.where) == (text, where)


def test_the_order_of_what_has_a_name_means_nothing() -> None:
    others = Wanted("phone", "Phone"), Wanted("fax", "Fax")
    pairs = OwnerPair("1", "005A"), OwnerPair("2", "005B")
    assert (
        differ(
            Choices(wanted=(TITLE, *others), owners=pairs),
            Choices(wanted=(*reversed(others), TITLE), owners=pairs[::-1]),
        )
        == ()
    )


def test_one_pair_of_fields_with_two_objects_is_told_apart() -> None:
    contact, lead = (replace(TITLE, salesforce_objects=(name,)) for name in ("Contact", "Lead"))
    [found] = differ(
        Choices(wanted=(contact, lead)),
        Choices(wanted=(contact, replace(lead, rule=Rule.TWO_WAY))),
    )
    assert found.where == "mappings[contact/jobtitle/Title].rule"


def test_many_pairs_of_values_are_counted() -> None:
    many = tuple(ValuePair(str(n), str(n)) for n in range(8))
    [found] = differ(wanted(TITLE), wanted(replace(TITLE, conversion=Conversion(values=many))))
    assert found.text.endswith("4 = 4 added and 3 more.")
    assert len(found.after) == 8


def places(where: str, value: Any) -> list[str]:
    """Every setting that has one value."""
    found: list[str] = []
    for field in fields(value):
        inner, place = getattr(value, field.name), f"{where}{field.name}"
        if field.name in TABLES or field.name in {"wanted", "owners"}:
            continue
        found += places(f"{place}.", inner) if is_dataclass(inner) else [place]
    return found


def test_every_setting_has_a_name_in_words() -> None:
    assert sorted(places("", Choices())) == sorted(SUBJECTS)
