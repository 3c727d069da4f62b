"""The properties that a new portal comes with."""

from tests.simulators.hubspot.definitions import Group, Option, Property
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

LIFECYCLE_STAGES = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)
"""In the order in which a record moves through them, and never back."""
LEAD_STATUSES = ("NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL", "UNQUALIFIED", "CONNECTED")
INDUSTRIES = (
    "ACCOUNTING",
    "AUTOMOTIVE",
    "BANKING",
    "COMPUTER_SOFTWARE",
    "CONSTRUCTION",
    "FOOD_PRODUCTION",
    "HOSPITAL_HEALTH_CARE",
    "MACHINERY",
    "RETAIL",
    "TRANSPORTATION_TRUCKING_RAILROAD",
)
PERSONAS = ("persona_1", "persona_2", "persona_3")
TASK_STATUSES = ("NOT_STARTED", "IN_PROGRESS", "WAITING", "DEFERRED", "COMPLETED")
CALL_STATUSES = (
    "BUSY",
    "CALLING_CRM_USER",
    "CANCELED",
    "COMPLETED",
    "CONNECTING",
    "FAILED",
    "IN_PROGRESS",
    "NO_ANSWER",
    "QUEUED",
    "RINGING",
)
DEAL_STAGES = (
    "appointmentscheduled",
    "qualifiedtobuy",
    "presentationscheduled",
    "decisionmakerboughtin",
    "contractsent",
    "closedwon",
    "closedlost",
)

Row = tuple[str, str, str]
"""(name, label, kind); ``!`` before the kind: its value is read-only."""

_KINDS = {
    "text": ("string", "text"),
    "area": ("string", "textarea"),
    "html": ("string", "html"),
    "phone": ("string", "phonenumber"),
    "number": ("number", "number"),
    "time": ("datetime", "date"),
    "day": ("date", "date"),
    "bool": ("bool", "booleancheckbox"),
    "choice": ("enumeration", "select"),
    "choices": ("enumeration", "checkbox"),
}

_OPTIONS = {
    "lifecyclestage": LIFECYCLE_STAGES,
    "hs_lead_status": LEAD_STATUSES,
    "hs_persona": PERSONAS,
    "hs_buying_role": ("BLOCKER", "BUDGET_HOLDER", "CHAMPION", "DECISION_MAKER"),
    "dealstage": DEAL_STAGES,
    "pipeline": ("default",),
    "dealtype": ("newbusiness", "existingbusiness"),
    "hs_task_status": TASK_STATUSES,
    "hs_task_priority": ("NONE", "LOW", "MEDIUM", "HIGH"),
    "hs_task_type": ("TODO", "CALL", "EMAIL"),
    "hs_call_direction": ("INBOUND", "OUTBOUND"),
    "hs_call_status": CALL_STATUSES,
    "hs_email_direction": ("EMAIL", "INCOMING_EMAIL", "FORWARDED_EMAIL"),
    "hs_email_status": ("SENT", "SENDING", "SCHEDULED", "FAILED", "BOUNCED"),
    "hs_meeting_outcome": ("SCHEDULED", "COMPLETED", "RESCHEDULED", "NO_SHOW", "CANCELED"),
    "hs_pipeline": ("contacts-lifecycle-pipeline",),
}

_SYSTEM: tuple[Row, ...] = (
    ("hs_object_id", "Record ID", "!number"),
    ("hs_object_source", "Record source", "!text"),
    ("hs_object_source_id", "Record source ID", "!text"),
    ("hs_object_source_label", "Record source detail", "!text"),
    ("hs_merged_object_ids", "Merged record IDs", "!text"),
    ("hubspot_owner_id", "Owner", "choice"),
    ("hubspot_owner_assigneddate", "Owner assigned date", "!time"),
)
_CONTACT: tuple[Row, ...] = (
    ("email", "Email", "text"),
    ("firstname", "First Name", "text"),
    ("lastname", "Last Name", "text"),
    ("salutation", "Salutation", "text"),
    ("phone", "Phone Number", "phone"),
    ("mobilephone", "Mobile Phone Number", "phone"),
    ("fax", "Fax Number", "phone"),
    ("company", "Company Name", "text"),
    ("associatedcompanyid", "Primary Associated Company ID", "!number"),
    ("jobtitle", "Job Title", "text"),
    ("website", "Website URL", "text"),
    ("address", "Street Address", "text"),
    ("city", "City", "text"),
    ("state", "State/Region", "text"),
    ("zip", "Postal Code", "text"),
    ("country", "Country/Region", "text"),
    ("industry", "Industry", "text"),
    ("annualrevenue", "Annual Revenue", "text"),
    ("numemployees", "Number of Employees", "number"),
    ("message", "Message", "area"),
    ("date_of_birth", "Date of birth", "text"),
    ("closedate", "Close Date", "time"),
    ("lifecyclestage", "Lifecycle Stage", "choice"),
    ("hs_lead_status", "Lead Status", "choice"),
    ("hs_persona", "Persona", "choice"),
    ("hs_buying_role", "Buying Role", "choices"),
    ("hs_additional_emails", "Additional email addresses", "area"),
    ("hs_email_optout", "Unsubscribed from all email", "bool"),
    ("hs_email_domain", "Email Domain", "!text"),
    ("hs_all_contact_vids", "All vids for a contact", "!text"),
    ("hs_is_contact", "Is a contact", "!bool"),
    ("hs_is_unworked", "Contact unworked", "!bool"),
    ("hs_lifecyclestage_lead_date", "Became a Lead Date", "!time"),
    ("hs_pipeline", "Pipeline", "choice"),
    ("recent_conversion_date", "Recent Conversion Date", "!time"),
    ("recent_conversion_event_name", "Recent Conversion", "!text"),
    ("first_conversion_date", "First Conversion Date", "!time"),
    ("first_conversion_event_name", "First Conversion", "!text"),
    ("num_conversion_events", "Number of Form Submissions", "!number"),
    ("num_unique_conversion_events", "Number of Unique Forms Submitted", "!number"),
    ("createdate", "Create Date", "!time"),
    ("lastmodifieddate", "Last Modified Date", "!time"),
)
_COMPANY: tuple[Row, ...] = (
    ("name", "Company name", "text"),
    ("domain", "Company Domain Name", "text"),
    ("website", "Website URL", "text"),
    ("phone", "Phone Number", "phone"),
    ("address", "Street Address", "text"),
    ("city", "City", "text"),
    ("state", "State/Region", "text"),
    ("zip", "Postal Code", "text"),
    ("country", "Country/Region", "text"),
    ("industry", "Industry", "choice"),
    ("annualrevenue", "Annual Revenue", "number"),
    ("numberofemployees", "Number of Employees", "number"),
    ("description", "Description", "area"),
    ("lifecyclestage", "Lifecycle Stage", "choice"),
    ("createdate", "Create Date", "!time"),
    ("hs_lastmodifieddate", "Last Modified Date", "!time"),
)
_DEAL: tuple[Row, ...] = (
    ("dealname", "Deal Name", "text"),
    ("amount", "Amount", "number"),
    ("closedate", "Close Date", "time"),
    ("pipeline", "Pipeline", "choice"),
    ("dealstage", "Deal Stage", "choice"),
    ("dealtype", "Deal Type", "choice"),
    ("description", "Deal Description", "area"),
    ("hs_is_closed", "Is Deal Closed?", "!bool"),
    ("hs_is_closed_won", "Is Closed Won", "!bool"),
    ("createdate", "Create Date", "!time"),
    ("hs_lastmodifieddate", "Last Modified Date", "!time"),
)
_ENGAGEMENT: tuple[Row, ...] = (
    ("hs_timestamp", "Activity date", "time"),
    ("hs_createdate", "Create date", "!time"),
    ("hs_lastmodifieddate", "Last modified date", "!time"),
    ("hs_attachment_ids", "Attached file IDs", "text"),
)
_TASK: tuple[Row, ...] = (
    *_ENGAGEMENT,
    ("hs_task_subject", "Task Title", "text"),
    ("hs_task_body", "Task Notes", "html"),
    ("hs_task_status", "Task Status", "choice"),
    ("hs_task_priority", "Priority", "choice"),
    ("hs_task_type", "Task Type", "choice"),
    ("hs_task_reminders", "Reminders", "text"),
    ("hs_task_completion_date", "Completed at", "!time"),
)
_NOTE: tuple[Row, ...] = (*_ENGAGEMENT, ("hs_note_body", "Note body", "html"))
_CALL: tuple[Row, ...] = (
    *_ENGAGEMENT,
    ("hs_call_title", "Call Title", "text"),
    ("hs_call_body", "Call notes", "html"),
    ("hs_call_direction", "Call direction", "choice"),
    ("hs_call_disposition", "Call outcome", "text"),
    ("hs_call_duration", "Call duration", "number"),
    ("hs_call_from_number", "From Number", "text"),
    ("hs_call_to_number", "To Number", "text"),
    ("hs_call_recording_url", "Recording URL", "text"),
    ("hs_call_status", "Call Status", "choice"),
    ("hs_call_source", "Call Source", "text"),
    ("hs_call_callee_object_id", "Callee object id", "number"),
)
_EMAIL_MESSAGE: tuple[Row, ...] = (
    *_ENGAGEMENT,
    ("hs_email_direction", "Email Direction", "choice"),
    ("hs_email_subject", "Email subject", "text"),
    ("hs_email_text", "Email body", "area"),
    ("hs_email_html", "Email HTML", "html"),
    ("hs_email_status", "Email send status", "choice"),
    ("hs_email_headers", "Email Headers", "area"),
)
_MEETING: tuple[Row, ...] = (
    *_ENGAGEMENT,
    ("hs_meeting_title", "Meeting name", "text"),
    ("hs_meeting_body", "Meeting description", "html"),
    ("hs_internal_meeting_notes", "Internal meeting notes", "html"),
    ("hs_meeting_location", "Meeting location", "text"),
    ("hs_meeting_start_time", "Meeting start time", "time"),
    ("hs_meeting_end_time", "Meeting end time", "time"),
    ("hs_meeting_outcome", "Meeting outcome", "choice"),
    ("hs_meeting_external_url", "External URL", "text"),
)

GROUPS = {
    CONTACT.type_id: Group("contactinformation", "Contact information", 0),
    COMPANY.type_id: Group("companyinformation", "Company information", 0),
    DEAL.type_id: Group("dealinformation", "Deal information", 0),
    TASK.type_id: Group("task", "Task information", 0),
    NOTE.type_id: Group("note", "Note information", 0),
    CALL.type_id: Group("call", "Call information", 0),
    EMAIL_MESSAGE.type_id: Group("email", "Email information", 0),
    MEETING.type_id: Group("meeting", "Meeting information", 0),
}
_ROWS = {
    CONTACT.type_id: _CONTACT,
    COMPANY.type_id: _COMPANY,
    DEAL.type_id: _DEAL,
    TASK.type_id: _TASK,
    NOTE.type_id: _NOTE,
    CALL.type_id: _CALL,
    EMAIL_MESSAGE.type_id: _EMAIL_MESSAGE,
    MEETING.type_id: _MEETING,
}


def built_in(type_id: str) -> dict[str, Property]:
    """The properties that HubSpot itself defines for an object type, by name."""
    group = GROUPS[type_id].name
    rows = (*_ROWS[type_id], *_SYSTEM)
    return {row[0]: _property(type_id, row, group) for row in rows}


def _property(type_id: str, row: Row, group: str) -> Property:
    name, label, kind = row
    type_, field_type = _KINDS[kind.removeprefix("!")]
    choices = INDUSTRIES if (type_id, name) == ("0-2", "industry") else _OPTIONS.get(name, ())
    if type_ == "bool":
        choices = ("true", "false")
    return Property(
        name=name,
        label=label,
        type=type_,
        field_type=field_type,
        group=group,
        options=tuple(_option(choice, order) for order, choice in enumerate(choices)),
        has_unique_value=name == "hs_object_id",
        read_only=kind.startswith("!"),
        hubspot_defined=True,
        external_options=name == "hubspot_owner_id",
        form_field=kind in {"text", "phone", "area"},
    )


def _option(value: str, order: int) -> Option:
    return Option(value.replace("_", " ").capitalize(), value, order)
