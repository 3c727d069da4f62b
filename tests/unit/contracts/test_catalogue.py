from shared.contracts.base import Event
from shared.contracts.catalogue import all_events
from shared.contracts.ingress import ContactChanged, RecordChange
from shared.contracts.quota import QuotaExhausted, QuotaRestored


def test_all_events_are_the_published_ones_of_all_owners() -> None:
    found = all_events()

    assert {QuotaExhausted, QuotaRestored, ContactChanged} <= set(found)
    assert Event not in found
    assert RecordChange not in found
    assert len({event.type_name() for event in found}) == len(found)


def test_a_subclass_elsewhere_hides_no_event() -> None:
    class Narrower(ContactChanged):
        """As a test or an upgrade may make one."""

    assert ContactChanged in all_events()
    assert Narrower not in all_events()
