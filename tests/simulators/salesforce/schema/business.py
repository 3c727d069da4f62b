"""Account, Opportunity and Task (names and nullability: facts, standard_fields.json)."""

from dataclasses import replace

from tests.simulators.salesforce.schema.choices import (
    ACCOUNT_TYPES,
    CALL_TYPES,
    DEAL_TYPES,
    FORECASTS,
    INDUSTRIES,
    LEAD_SOURCES,
    PRIORITIES,
    RATINGS,
    STAGES,
    SUBJECTS,
    TASK_STATUSES,
    TASK_SUBTYPES,
    TASK_TYPES,
)
from tests.simulators.salesforce.schema.fields import (
    Field,
    address,
    checkbox,
    choice,
    day,
    identity_fields,
    instant,
    long_text,
    lookup,
    money,
    owner,
    phone,
    read_only,
    required,
    system_fields,
    text,
    url,
    whole,
)
from tests.simulators.salesforce.schema.objects import object_type


def _name(length: int) -> Field:
    return replace(required(text("Name", length)), name_field=True)


ACCOUNT = object_type(
    "Account",
    "001",
    [
        *identity_fields(),
        read_only(lookup("MasterRecordId", "Account")),
        _name(255),
        choice("Type", ACCOUNT_TYPES),
        lookup("ParentId", "Account"),
        *address("Billing"),
        *address("Shipping"),
        phone("Phone"),
        phone("Fax"),
        text("AccountNumber", 40),
        url("Website"),
        choice("Industry", INDUSTRIES),
        money("AnnualRevenue"),
        whole("NumberOfEmployees"),
        long_text("Description"),
        choice("Rating", RATINGS, restricted=True),
        owner(),
        *system_fields(),
        read_only(day("LastActivityDate")),
        choice("AccountSource", LEAD_SOURCES),
        text("SicDesc", 80),
    ],
)
OPPORTUNITY = object_type(
    "Opportunity",
    "006",
    [
        *identity_fields(),
        lookup("AccountId", "Account"),
        _name(120),
        long_text("Description"),
        required(choice("StageName", tuple(STAGES))),
        money("Amount"),
        replace(Field("Probability", "percent", "Probability (%)", precision=3), defaulted=True),
        required(day("CloseDate")),
        choice("Type", DEAL_TYPES),
        text("NextStep"),
        choice("LeadSource", LEAD_SOURCES),
        read_only(checkbox("IsClosed")),
        read_only(checkbox("IsWon")),
        read_only(required(choice("ForecastCategory", FORECASTS, restricted=True))),
        choice("ForecastCategoryName", FORECASTS, restricted=True),
        owner(),
        *system_fields(),
        read_only(day("LastActivityDate")),
        read_only(whole("FiscalQuarter")),
        read_only(whole("FiscalYear")),
    ],
    plural="Opportunities",
)
TASK = object_type(
    "Task",
    "00T",
    [
        *identity_fields(),
        lookup("WhoId", "Contact", "Lead"),
        lookup("WhatId", "Account", "Opportunity"),
        replace(choice("Subject", SUBJECTS), type="string", length=255, picklist=()),
        day("ActivityDate"),
        required(choice("Status", TASK_STATUSES, default="Not Started")),
        required(choice("Priority", PRIORITIES, default="Normal")),
        read_only(checkbox("IsHighPriority")),
        choice("Type", TASK_TYPES),
        owner(),
        long_text("Description"),
        read_only(lookup("AccountId", "Account")),
        read_only(checkbox("IsClosed")),
        *system_fields(),
        read_only(checkbox("IsArchived")),
        whole("CallDurationInSeconds"),
        choice("CallType", CALL_TYPES, restricted=True),
        text("CallDisposition"),
        text("CallObject"),
        instant("ReminderDateTime"),
        checkbox("IsReminderSet"),
        read_only(checkbox("IsRecurrence")),
        read_only(instant("CompletedDateTime")),
        replace(
            choice("TaskSubtype", TASK_SUBTYPES, restricted=True, default="Task"), updateable=False
        ),
    ],
)
