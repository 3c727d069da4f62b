"""How long a finding stands: until its place, its mapping or the version changes."""

from services.mapping.domain.changes import Kind
from services.mapping.domain.drift import Place, What
from services.mapping.domain.hits import Effect, Finding, Hit, Report
from services.mapping.domain.standing import MAX_STANDING, Standing, standing
from shared.kernel.records import ObjectType, Side

CONTACT = ObjectType.CONTACT


def place(name: str) -> Place:
    return Place(Side.SALESFORCE, "Contact", What.FIELD, name)


def finding(name: str, effect: Effect = Effect.VALUES) -> Finding:
    hit = Hit(effect, CONTACT, name.lower(), name, f"{name} is hit.")
    return Finding(place(name), Kind.SHORTER, hits=(hit,))


def report(*findings: Finding, refused: tuple[str, ...] = ()) -> Report:
    pairs = frozenset((CONTACT, name.lower(), name) for name in refused)
    return Report(findings, refused=pairs)


def test_only_what_hits_a_mapping_stands() -> None:
    harmless = Finding(place("B"), Kind.NEW)
    found = standing(Standing(), report(finding("A"), harmless), 1)
    assert found.findings == (finding("A"),)
    assert found.warnings(1) == ("A is hit.",)
    assert found.warnings(2) == ()


def test_it_stands_while_nothing_changes() -> None:
    before = standing(Standing(), report(finding("A")), 1)
    assert standing(before, report(), 1) == before


def test_a_new_change_of_its_place_replaces_it() -> None:
    before = standing(Standing(), report(finding("A"), finding("B")), 1)
    after = standing(before, report(Finding(place("A"), Kind.LONGER)), 1)
    assert after.findings == (finding("B"),)


def test_a_refusal_goes_when_the_mapping_is_possible_again() -> None:
    refused = finding("A", Effect.REFUSED)
    before = standing(Standing(), report(refused, refused=("A",)), 1)
    assert standing(before, report(refused=("A",)), 1).findings == (refused,)
    assert standing(before, report(), 1).findings == ()


def test_a_new_version_starts_without_warnings() -> None:
    before = standing(Standing(), report(finding("A")), 1)
    assert standing(before, report(), 2) == Standing(2)


def test_what_stands_is_bounded() -> None:
    many = [finding(f"F{n}") for n in range(MAX_STANDING + 5)]
    assert len(standing(Standing(), report(*many), 1).findings) == MAX_STANDING


def test_one_hit_of_two_changes_is_one_warning() -> None:
    one = finding("A")
    other = Finding(place("A"), Kind.NARROWER, hits=one.hits)
    assert len(standing(Standing(), report(one, other), 1).hits) == 1
