"""A catalogue with every object type, and choices in which nothing is wrong."""

from dataclasses import replace

from services.mapping.domain.choices import Choices
from services.mapping.domain.model import (
    Catalogue,
    HubSpotField,
    Option,
    Pipeline,
    SalesforceField,
    Stage,
    Wanted,
)
from services.mapping.domain.review import Facts, Problem, judge
from shared.kernel.records import ObjectType
from tests.unit.mapping.catalogues import hubspot, ordinary, salesforce

LAST_NAME = Wanted("lastname", "LastName")


def options(*values: str) -> tuple[Option, ...]:
    return tuple(Option(value, value.title()) for value in values)


def picklist(name: str, *values: str, restricted: bool = False) -> SalesforceField:
    field = salesforce(name, "picklist")
    return replace(field, options=options(*values), restricted=restricted)


def dropdown(name: str, *values: str) -> HubSpotField:
    return replace(hubspot(name, "enumeration", "select"), options=options(*values))


def required(field: SalesforceField) -> SalesforceField:
    return replace(field, required=True)


TASK = (
    picklist("Type", "Call", "Meeting", "Other"),
    replace(
        picklist("Status"),
        options=(*options("Not Started", "Completed"), Option("Old", "Old", hidden=True)),
    ),
)
ACCOUNT = (required(salesforce("Name", length=255)), salesforce("Phone", "phone"))
OPPORTUNITY = (
    required(salesforce("Name", length=120)),
    required(salesforce("StageName", "picklist")),
    required(salesforce("CloseDate", "date", length=None)),
    salesforce("Amount", "currency", length=None),
)
SALES = Pipeline(
    "default", "Sales", (Stage("open", "Open"), Stage("closedwon", "Closed won", 1.0, closed=True))
)
ORG_SALES = Pipeline("", "Sales process", (Stage("New", "New"), Stage("Closed Won", "Closed Won")))


def full(*people: SalesforceField, properties: tuple[HubSpotField, ...] = ()) -> Catalogue:
    """The ordinary fields of people and `people` besides; companies, deals and tasks."""
    known = ordinary()
    contact = {**known.salesforce["Contact"], **{field.name: field for field in people}}
    persons = {**known.properties(ObjectType.CONTACT), **{p.name: p for p in properties}}
    return Catalogue(
        hubspot={
            ObjectType.CONTACT: persons,
            ObjectType.COMPANY: {p.name: p for p in (hubspot("name"), hubspot("phone"))},
            ObjectType.DEAL: {
                p.name: p
                for p in (
                    hubspot("dealname"),
                    hubspot("amount", "number", "number"),
                    hubspot("closedate", "datetime", "date"),
                )
            },
        },
        salesforce={
            "Contact": contact,
            "Lead": known.salesforce["Lead"],
            "Account": {field.name: field for field in ACCOUNT},
            "Opportunity": {field.name: field for field in OPPORTUNITY},
            "Task": {field.name: field for field in TASK},
        },
        pipelines=(SALES,),
        record_types=(ORG_SALES,),
    )


def problems(
    choices: Choices, catalogue: Catalogue | None = None, facts: Facts | None = None
) -> tuple[Problem, ...]:
    """What the review finds wrong."""
    return judge(choices, catalogue or full(), facts or Facts())[1]


def told(found: tuple[Problem, ...]) -> list[tuple[str, str, str]]:
    """Code, severity and place of each."""
    return [(problem.code, problem.severity.value, problem.where) for problem in found]
