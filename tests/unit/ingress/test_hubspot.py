"""What each kind of webhook event says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.ingress.domain.hubspot import HubSpotEvent, news_of
from services.ingress.domain.news import Interest, News
from services.ingress.handlers.webhook import RefusedDeliveryError, parse
from shared.kernel.records import ObjectType, RecordRef, Side
from tests.fakes.ingress.samples import APP, NOON, NOON_MS, PORTAL, body, event

INTEREST = Interest(
    hubspot={
        ObjectType.CONTACT: frozenset({"firstname", "email"}),
        ObjectType.COMPANY: frozenset({"name"}),
        ObjectType.DEAL: frozenset({"amount"}),
    }
)
CREATED = HubSpotEvent(PORTAL, "contact.creation", "501", NOON_MS)
CHANGED = replace(
    CREATED,
    subscription_type="contact.propertyChange",
    property_name="firstname",
    property_value="Ada",
)
SUBMITTED = replace(CHANGED, property_name="recent_conversion_date", property_value=str(NOON_MS))


def only(event: HubSpotEvent, interest: Interest = INTEREST) -> News | None:
    """The news of one event."""
    news, _ = news_of([event], interest, APP)
    return news[0] if news else None


@pytest.mark.parametrize(
    ("subscription", "kind"),
    [
        ("creation", "created"),
        ("associationChange", "updated"),
        ("deletion", "deleted"),
        ("restore", "restored"),
        ("merge", "merged"),
    ],
)
@pytest.mark.parametrize(
    ("noun", "type_id", "object_type"),
    [
        ("contact", "", ObjectType.CONTACT),
        ("company", "", ObjectType.COMPANY),
        ("deal", "", ObjectType.DEAL),
        ("object", "0-1", ObjectType.CONTACT),
        ("object", "0-2", ObjectType.COMPANY),
        ("object", "0-3", ObjectType.DEAL),
        ("object", "0-27", ObjectType.TASK),
    ],
)
def test_every_kind_of_every_object(
    subscription: str, kind: str, noun: str, type_id: str, object_type: ObjectType
) -> None:
    found = only(
        replace(CREATED, subscription_type=f"{noun}.{subscription}", object_type_id=type_id)
    )

    assert found == News(RecordRef(object_type, Side.HUBSPOT, "501"), kind, NOON)


def test_a_changed_property_is_named_with_its_value() -> None:
    assert only(CHANGED) == News(
        RecordRef(ObjectType.CONTACT, Side.HUBSPOT, "501"),
        "updated",
        NOON,
        values={"firstname": "Ada"},
    )


def test_a_privacy_deletion_is_a_deletion() -> None:
    found = only(replace(CREATED, subscription_type="contact.privacyDeletion"))
    assert found is not None
    assert found.kind == "deleted"


@pytest.mark.parametrize(
    "event",
    [
        replace(CHANGED, property_name="favourite_colour"),
        replace(CHANGED, subscription_type="object.propertyChange", object_type_id="0-27"),
        replace(CREATED, subscription_type="ticket.creation"),
        replace(CREATED, subscription_type="object.creation", object_type_id="2-999"),
        replace(CREATED, subscription_type="conversation.newMessage"),
        replace(CREATED, subscription_type="contact.somethingNew"),
        replace(CREATED, subscription_type="nonsense"),
        replace(CREATED, object_id=""),
    ],
)
def test_what_nobody_maps_is_no_news(event: HubSpotEvent) -> None:
    assert only(event) is None


def test_an_object_without_mappings_is_no_news() -> None:
    contacts = Interest(hubspot={ObjectType.CONTACT: frozenset({"email"})})
    assert only(replace(CREATED, subscription_type="company.creation"), contacts) is None


def test_tasks_are_no_news_when_they_do_not_cross_over() -> None:
    task = replace(CREATED, subscription_type="object.deletion", object_type_id="0-27")
    assert only(task) is not None
    assert only(task, replace(INTEREST, hubspot_tasks=False)) is None


@pytest.mark.parametrize(
    ("source", "source_id", "ours"),
    [
        ("INTEGRATION", APP, True),
        ("INTEGRATION", "333", False),
        ("CRM_UI", APP, False),
        ("CRM_UI", "", False),
        ("", "", None),
    ],
)
def test_who_made_it(source: str, source_id: str, *, ours: bool | None) -> None:
    found = only(replace(CHANGED, change_source=source, source_id=source_id))
    assert found is not None
    assert found.ours is ours


def test_without_an_app_id_nobody_knows_who_made_it() -> None:
    anonymous = replace(CHANGED, change_source="INTEGRATION")
    news, _ = news_of([anonymous], INTEREST, "")
    assert news[0].ours is None


def test_a_form_submission_is_told_once_and_is_no_change() -> None:
    news, forms = news_of([SUBMITTED, SUBMITTED], INTEREST, APP)

    assert news == ()
    assert [form.key for form in forms] == [f"form:{PORTAL}:501:{NOON_MS}"]
    assert forms[0].contact_id == "501"
    assert forms[0].occurred_at == NOON


@pytest.mark.parametrize(
    "event",
    [
        replace(SUBMITTED, property_value=""),
        replace(SUBMITTED, subscription_type="company.propertyChange"),
        CREATED,
    ],
)
def test_what_is_no_form_submission(event: HubSpotEvent) -> None:
    assert news_of([event], INTEREST, APP)[1] == ()


def test_forms_can_be_switched_off() -> None:
    assert news_of([SUBMITTED], replace(INTEREST, form_submissions=False), APP)[1] == ()


def test_a_delivery_is_one_piece_of_news_a_record() -> None:
    later = replace(
        CHANGED, property_name="email", property_value="a@x", occurred_at_ms=NOON_MS + 5
    )
    other = replace(CREATED, object_id="502")

    news, _ = news_of([CHANGED, other, CREATED, later], INTEREST, APP)

    assert [(item.ref.record_id, item.kind) for item in news] == [
        ("501", "created"),
        ("502", "created"),
    ]
    assert news[0].values == {"firstname": "Ada", "email": "a@x"}
    assert news[0].occurred_at == NOON + timedelta(milliseconds=5)


def test_a_merge_into_a_new_record_ends_both() -> None:
    (found,) = parse(
        body(
            event(
                subscriptionType="contact.merge",
                objectId=None,
                primaryObjectId=501,
                mergedObjectIds=[502],
                newObjectId=900,
            )
        )
    )
    assert (found.object_id, found.merged_ids) == ("900", ("501", "502"))


def test_a_merge_into_the_primary_ends_the_others() -> None:
    (found,) = parse(
        body(
            event(
                subscriptionType="contact.merge",
                objectId=501,
                primaryObjectId=501,
                mergedObjectIds=[502, 503],
            )
        )
    )
    assert (found.object_id, found.merged_ids) == ("501", ("502", "503"))


def test_an_association_change_is_about_the_record_that_it_starts_from() -> None:
    (found,) = parse(
        body(
            event(
                subscriptionType="object.associationChange",
                objectId=None,
                fromObjectId=701,
                fromObjectTypeId="0-27",
                toObjectId=501,
                toObjectTypeId="0-1",
                propertyName="",
            )
        )
    )
    news = only(found)
    assert news is not None
    assert news.ref == RecordRef(ObjectType.TASK, Side.HUBSPOT, "701")


@pytest.mark.parametrize(
    ("value", "text"), [("Ada", "Ada"), (5, "5"), (1.5, "1.5"), (None, ""), ("", "")]
)
def test_a_value_is_text(value: object, text: str) -> None:
    assert parse(body(event(propertyValue=value)))[0].property_value == text


@pytest.mark.parametrize("at", [-1, 10**18])
def test_a_moment_that_is_none_is_refused(at: int) -> None:
    with pytest.raises(RefusedDeliveryError) as refused:
        parse(body(event(occurredAt=at)))
    assert refused.value.code == "event_malformed"
