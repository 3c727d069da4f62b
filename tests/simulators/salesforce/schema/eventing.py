"""The tooling objects that say whose changes are captured (facts: section 4.1)."""

from tests.simulators.salesforce.schema.fields import identity_fields, long_text, text
from tests.simulators.salesforce.schema.objects import object_type

CHANNEL = object_type(
    "PlatformEventChannel",
    "0YL",
    [
        identity_fields()[0],
        text("DeveloperName", 80),
        text("FullName"),
        text("ChannelType", 40),
        long_text("Metadata"),
    ],
)
CHANNEL_MEMBER = object_type(
    "PlatformEventChannelMember",
    "0v8",
    [
        identity_fields()[0],
        text("DeveloperName", 80),
        text("FullName"),
        text("EventChannel"),
        text("SelectedEntity"),
        long_text("Metadata"),
    ],
)
EVENTING = (CHANNEL, CHANNEL_MEMBER)
