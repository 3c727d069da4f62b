"""What a form is, and how the marketing API shows it (specification: marketing forms v3)."""

from dataclasses import dataclass

from tests.simulators.hubspot.model import Json
from tests.simulators.hubspot.object_types import CONTACT
from tests.simulators.hubspot.unique import EMAIL
from tests.simulators.hubspot.wire import iso

THANKS = "<p>Thanks for submitting the form.</p>"
STYLE = {
    "fontFamily": "arial, helvetica, sans-serif",
    "backgroundWidth": "100%",
    "labelTextColor": "#33475b",
    "labelTextSize": "14px",
    "helpTextColor": "#7C98B6",
    "helpTextSize": "11px",
    "legalConsentTextColor": "#33475b",
    "legalConsentTextSize": "14px",
    "submitColor": "#ff7a59",
    "submitAlignment": "left",
    "submitFontColor": "#ffffff",
    "submitSize": "12px",
}


@dataclass(frozen=True, slots=True)
class FormField:
    """One question of a form, about one property of a contact."""

    name: str
    required: bool = False

    def as_json(self) -> Json:
        """The wire shape; an address has rules of its own."""
        body: Json = {
            "objectTypeId": CONTACT.type_id,
            "name": self.name,
            "label": self.name.capitalize(),
            "required": self.required,
            "hidden": False,
            "dependentFields": [],
            "fieldType": "single_line_text",
        }
        if self.name == EMAIL:
            body["fieldType"] = "email"
            body["validation"] = {"blockedEmailDomains": [], "useDefaultBlockList": False}
        return body


@dataclass(frozen=True, slots=True)
class Form:
    """A form that a marketer made; times in epoch ms."""

    id: str
    name: str
    fields: tuple[FormField, ...]
    created_at: int
    captcha: bool = False
    """A form with a captcha takes no submissions from outside."""

    def as_json(self) -> Json:
        """The wire shape of a definition."""
        return {
            "formType": "hubspot",
            "id": self.id,
            "name": self.name,
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.created_at),
            "archived": False,
            "fieldGroups": [
                {
                    "groupType": "default_group",
                    "richTextType": "text",
                    "fields": [field.as_json()],
                }
                for field in self.fields
            ],
            "configuration": self._configuration(),
            "displayOptions": {
                "renderRawHtml": False,
                "theme": "default_style",
                "submitButtonText": "Submit",
                "style": STYLE,
            },
            "legalConsentOptions": {"type": "none"},
        }

    def _configuration(self) -> Json:
        return {
            "language": "en",
            "cloneable": True,
            "editable": True,
            "archivable": True,
            "recaptchaEnabled": self.captcha,
            "notifyContactOwner": False,
            "notifyRecipients": [],
            "createNewContactForNewEmail": False,
            "prePopulateKnownValues": True,
            "allowLinkToResetKnownValues": False,
            "lifecycleStages": [],
            "postSubmitAction": {"type": "thank_you", "value": THANKS},
        }
