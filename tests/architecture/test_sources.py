"""Rules about the code itself: sizes, purity of decisions, no mocks, one owner of each event."""

import ast
from collections import Counter
from collections.abc import Iterator

import pytest

from shared.contracts.base import Event
from shared.contracts.catalogue import all_events
from tests.architecture.sources import Source, services, sources

MAX_FILE = 300
MAX_FUNCTION = 60
MAX_BUS = 900
"""Lines of code of the layer on aio-pika with the outbox (design: section 5)."""

CODE = sources("services", "remote", "shared", "deploy")
DOMAINS = [source for source in CODE if "/domain/" in source.name]
# The mailbox is the scheduler of the lanes (design: section 6); it shares the room, not the topic.
MAILBOX = {
    f"shared/outbox/{name}.py"
    for name in (
        "mailbox",
        "mail",
        "noting",
        "bound",
        "lanes",
        "mailbox_tables",
        "mailbox_due",
        "mailbox_keys",
        "mailbox_operations",
        "mailbox_statements",
        "back_off",
        "dividing",
        "holding",
    )
}
# Operators' tools over the broker: no message passes through them on its way (ADR 0018).
OPERATORS = {
    f"shared/messaging/{name}.py"
    for name in (
        "dead_letters",
        "dead_letters_content",
        "dead_letters_desk",
        "dead_letters_reading",
    )
}
# A migration is written by alembic once and never edited, so its size tells nothing.
MEASURED = [source for source in CODE if "/migrations/" not in source.name]

IMPURE_CALLS = {"open", "input", "print", "eval", "exec", "__import__", "new_id", "breakpoint"}
IMPURE_ENDINGS = (
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "uuid1",
    "uuid4",
    "uuid7",
)


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_is_longer_than_a_person_reads() -> None:
    long = {s.name: n for s in MEASURED if (n := len(s.text.splitlines())) > MAX_FILE}
    assert long == {}, "Split these by noun."


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{source.name}:{function.lineno} {function.name}": length
        for source in MEASURED
        for function in functions(source)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > MAX_FUNCTION
    }
    assert long == {}


def test_the_bus_stays_thin() -> None:
    apart = MAILBOX | OPERATORS
    bus = [s for s in sources("shared/messaging", "shared/outbox") if s.name not in apart]
    assert sum(source.lines_of_code() for source in bus) <= MAX_BUS


def test_there_are_domains_to_look_at() -> None:
    assert {source.name.split("/")[1] for source in DOMAINS} >= {"contact_sync", "quota"}


def test_no_decision_reads_a_clock_a_random_number_or_a_file() -> None:
    """I10."""
    found = [
        f"{source.name}:{line} {name}"
        for source in DOMAINS
        for line, name in source.calls()
        if name in IMPURE_CALLS or name.endswith(IMPURE_ENDINGS)
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "datetime.now(UTC)",
        "datetime.datetime.now()",
        "date.today()",
        "uuid4()",
        "uuid.uuid4()",
        "open('x')",
        "new_id()",
    ],
)
def test_that_search_finds_what_it_looks_for(code: str) -> None:
    call = ast.parse(code).body[0]
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    name = ast.unparse(call.value.func)
    assert name in IMPURE_CALLS or name.endswith(IMPURE_ENDINGS)


def test_nobody_mocks() -> None:
    mocked = "unittest" + ".mock"
    found = [
        source.name
        for source in (*CODE, *sources("tests"))
        for name in source.imports()
        if name == mocked or name.startswith(f"{mocked}.") or name.split(".")[0] == "pytest_mock"
    ]
    assert found == []


def defined_events() -> list[type[Event]]:
    """Event classes of the contracts' modules; bases that share fields are not published."""
    return list(all_events())


def test_the_name_of_an_event_is_unique() -> None:
    names = Counter(event.__name__ for event in defined_events())
    assert [name for name, count in names.items() if count > 1] == []
    assert len(names) > 20


def test_an_event_belongs_to_the_service_that_its_module_names() -> None:
    assert {
        event.__name__: event.owner
        for event in defined_events()
        if event.owner != event.__module__.rsplit(".", 1)[1]
    } == {}
    assert {event.owner for event in defined_events()} <= set(services())


@pytest.mark.parametrize("service", services())
def test_only_its_owner_makes_an_event(service: str) -> None:
    foreign = {event.__name__ for event in defined_events() if event.owner != service}
    found = [
        f"{source.name}:{line} {name}"
        for source in sources(f"services/{service}")
        for line, name in source.calls()
        if name in foreign
    ]
    assert found == []
