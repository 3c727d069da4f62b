"""What the bus may not reach, read off its imports."""

from tests.architecture.sources import sources

CALLS = ("httpx2", "shared.crm", "shared.web")


def test_i4_nothing_between_a_message_and_the_mailbox_can_call_anybody() -> None:
    found = [
        f"{source.name}: {name}"
        for source in sources("shared/messaging", "shared/outbox", "shared/db")
        for name in source.imports()
        if name.startswith(CALLS)
    ]

    assert found == []


def test_i1_no_service_knows_how_to_publish() -> None:
    found = [
        source.name
        for source in sources("services")
        for name in source.imports()
        if name.startswith(("aio_pika", "shared.messaging.publisher", "shared.outbox.relay"))
    ]

    assert found == []
