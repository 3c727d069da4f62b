"""Within a major version an event only grows by optional fields."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.docs.__main__ import SCHEMAS, stale
from deploy.docs.snapshots import growth_problems, read_snapshots, snapshot_text, snapshots

NAME = "causeway.ingress.ContactChanged.v1"
Edit = Callable[[dict[str, Any]], object]


def test_no_released_version_was_changed() -> None:
    assert growth_problems(read_snapshots(SCHEMAS), snapshots()) == []


def test_the_snapshots_are_current() -> None:
    wanted: dict[Path, str] = {
        SCHEMAS / f"{name}.json": snapshot_text(schema) for name, schema in snapshots().items()
    }
    assert stale(wanted) == [], "Run `make docs` and commit what it writes."


def problems_after(edit: Edit) -> list[str]:
    new = copy.deepcopy(snapshots())
    edit(new[NAME])
    return growth_problems(snapshots(), new)


def test_an_optional_field_is_growth() -> None:
    def edit(schema: dict[str, Any]) -> None:
        schema["properties"]["added"] = {"type": "string", "default": ""}
        schema["$defs"]["Added"] = {"type": "object", "properties": {}}

    assert problems_after(edit) == []


def test_a_part_that_is_a_default_shows_its_new_fields_there() -> None:
    name, old = "x", {"properties": {"part": {"$ref": "P", "default": {"a": 1}}}}

    def after(default: dict[str, int]) -> list[str]:
        new = {"properties": {"part": {"$ref": "P", "default": default}}}
        return growth_problems({name: old}, {name: new})

    assert after({"a": 1, "b": 2}) == []
    assert after({"a": 2, "b": 2}) == ["x: data.part is not what it was"]
    assert after({"b": 2}) == ["x: data.part is not what it was"]


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (lambda s: s["properties"].pop("kind"), "data.kind is gone"),
        (lambda s: s["properties"].update(kind={"type": "string"}), "data.kind is not what it was"),
        (
            lambda s: s["properties"]["complete"].update(default=True),
            "data.complete is not what it was",
        ),
        (lambda s: s["required"].append("origin"), "data.origin is required now"),
        (lambda s: s["required"].remove("kind"), "data.kind is not required any more"),
        (lambda s: s["$defs"].pop("Side"), "the part Side is gone"),
        (lambda s: s["$defs"]["Side"]["enum"].append("third"), "Side is not what it was"),
    ],
)
def test_everything_else_needs_a_new_major_version(edit: Edit, problem: str) -> None:
    assert f"{NAME}: {problem}" in problems_after(edit)


def test_an_event_must_not_vanish() -> None:
    now = snapshots()
    left = {name: schema for name, schema in now.items() if name != NAME}
    assert growth_problems(now, left) == [f"{NAME} was released and is gone"]
