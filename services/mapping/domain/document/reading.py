"""A document as the choices of this connection: names become the ids that they have here."""

from collections.abc import Collection, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace

from services.mapping.domain.choices import Choices, OwnerPair, PipelinePair, StagePair
from services.mapping.domain.document.model import (
    Document,
    Names,
    OwnerRow,
    PipelineRow,
    Reference,
    StageRow,
    Unresolved,
)
from services.mapping.domain.document.writing import labels, stages
from services.mapping.domain.pages import in_step

SANDBOX = ".invalid"
"""Salesforce puts it behind the e-mail addresses of a sandbox's users."""

KNOWN_SHOWN = 10
"""Names that a text offers."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The choices, without what could not be resolved, and what that was."""

    choices: Choices
    unresolved: tuple[Unresolved, ...] = ()


def resolve(document: Document, names: Names, current: Choices) -> Resolved:
    """The choices that a document asks for; parts that it leaves out stay as they are.

    A name counts before an id, unless both are what this connection itself would write. Lists are
    taken as they are: they are looked up elsewhere.
    """
    search = _Search(names, current)
    pipelines = tuple(search.pipelines(document.pipelines))
    owners = tuple(search.owners(document.owners))
    asked = replace(
        document.choices,
        deals=replace(document.choices.deals, pipelines=pipelines),
        owners=owners,
    )
    return Resolved(in_step(_merged(current, asked, document.parts)), tuple(search.unresolved))


def _merged(current: Choices, asked: Choices, parts: Collection[str]) -> Choices:
    fields = {part: "wanted" if part == "mappings" else part for part in parts}
    return replace(current, **{name: getattr(asked, name) for name in fields.values()})


class _Search:
    """Looks names up, and keeps what was not found."""

    def __init__(self, names: Names, current: Choices) -> None:
        self._names = names
        self._current = current
        self.unresolved: list[Unresolved] = []

    def pipelines(self, rows: Collection[PipelineRow]) -> Iterator[PipelinePair]:
        used = self._current.deals.pipelines
        for index, row in enumerate(rows):
            where = f"deals.pipelines[{index}]"
            here = self._find(
                f"{where}.hubspot",
                row.hubspot,
                labels(self._names.pipelines),
                {pair.hubspot for pair in used},
            )
            there = (
                ""
                if row.salesforce == Reference()
                else self._find(
                    f"{where}.salesforce",
                    row.salesforce,
                    labels(self._names.record_types),
                    {pair.salesforce for pair in used},
                )
            )
            if here is not None and there is not None:
                pair = PipelinePair(here, there, row.sync)
                yield replace(pair, stages=tuple(self._stages(where, pair, row.stages)))

    def _stages(
        self, where: str, pair: PipelinePair, rows: Collection[StageRow]
    ) -> Iterator[StagePair]:
        used = [
            stage
            for one in self._current.deals.pipelines
            if (one.hubspot, one.salesforce) == (pair.hubspot, pair.salesforce)
            for stage in one.stages
        ]
        known = (
            stages(self._names.pipelines, pair.hubspot),
            stages(self._names.record_types, pair.salesforce),
        )
        kept = {stage.hubspot for stage in used}, {stage.salesforce for stage in used}
        for index, row in enumerate(rows):
            place = f"{where}.stages[{index}]"
            here = self._find(f"{place}.hubspot", row.hubspot, known[0], kept[0])
            there = self._find(f"{place}.salesforce", row.salesforce, known[1], kept[1])
            if here is not None and there is not None:
                yield StagePair(here, there)

    def owners(self, rows: Collection[OwnerRow]) -> Iterator[OwnerPair]:
        used = self._current.owners
        known = self._names.hubspot_people, self._names.salesforce_people
        kept = {one.hubspot_owner_id for one in used}, {one.salesforce_user_id for one in used}
        addresses = _by_name(known[0]), _by_name(known[1])
        for index, row in enumerate(rows):
            place = f"owners[{index}]"
            here = self._find(f"{place}.hubspot", row.hubspot, known[0], kept[0], addresses[0])
            there = self._find(
                f"{place}.salesforce", row.salesforce, known[1], kept[1], addresses[1]
            )
            if here is not None and there is not None:
                yield OwnerPair(here, there)

    def _find(
        self,
        where: str,
        wanted: Reference,
        known: Map[str, str],
        kept: Collection[str],
        by_name: Map[str, list[str]] | None = None,
    ) -> str | None:
        """The id of something; None, and a note of it, where it cannot be told."""
        told = known.get(wanted.id, "")
        if (wanted.id in known or wanted.id in kept) and _same(told, wanted.name):
            return wanted.id
        if not wanted.name and wanted.id in known:
            return wanted.id
        found = (by_name or _by_name(known)).get(_plain(wanted.name), []) if wanted.name else []
        if len(found) == 1:
            return found[0]
        self.unresolved.append(_unresolved(where, wanted, len(found), known))
        return None


def _by_name(known: Map[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one, name in known.items():
        found.setdefault(_plain(name), []).append(one)
    return found


def _same(known: str, asked: str) -> bool:
    return known == asked or known.lower() == asked.lower()


def _plain(name: str) -> str:
    return " ".join(name.casefold().split()).removesuffix(SANDBOX)


def _unresolved(where: str, wanted: Reference, found: int, known: Map[str, str]) -> Unresolved:
    name = wanted.name or wanted.id
    if found:
        what = f"{found} are called {name} here."
        return Unresolved(where, what, "Write the id of one of them, without the name.")
    if "owners" in where:
        fix = "Take the pair out, or give this person an active user with that e-mail address."
    else:
        offered = ", ".join(list(dict.fromkeys(known.values()))[:KNOWN_SHOWN]) or "nothing"
        fix = f"Write one that is there ({offered}), take the row out, or make it in the CRM."
    return Unresolved(where, f"Nothing is called {name} here.", fix)
