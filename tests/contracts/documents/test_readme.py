"""The documents name what exists: every variable, and every file that they link to."""

import re
from pathlib import Path

import pytest

from deploy.docs.variables import variables
from services.__main__ import SERVICES, definition

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
VARIABLE = re.compile(r"\bCAUSEWAY_[A-Z_]+\b")
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
MARKDOWN = ["README.md"] + [
    path.relative_to(ROOT).as_posix()
    for folder in ("docs", "services", "deploy")
    for path in sorted((ROOT / folder).rglob("*.md"))
]


def all_variables() -> set[str]:
    kinds = [definition(name).settings_type for name in SERVICES]
    return {variable for kind in kinds for variable in variables(kind).values()}


def table_of(variable: str) -> str:
    rows = [line for line in README.splitlines() if line.startswith("|")]
    return next((row for row in rows if f"`{variable}`" in row), "")


def test_the_readme_names_every_variable_and_no_other() -> None:
    rows = "\n".join(line for line in README.splitlines() if line.startswith("| `CAUSEWAY_"))
    assert set(VARIABLE.findall(rows)) == all_variables()


@pytest.mark.parametrize("service", SERVICES)
def test_the_readme_says_what_is_required(service: str) -> None:
    kind = definition(service).settings_type
    names = variables(kind)
    wrong = [
        names[field]
        for field, info in kind.model_fields.items()
        if info.is_required() != ("| required |" in table_of(names[field]))
    ]
    assert wrong == []


@pytest.mark.parametrize("document", MARKDOWN)
def test_a_link_leads_to_a_file_and_a_heading(document: str) -> None:
    source = ROOT / document
    broken = [
        f"{path}#{anchor}"
        for path, anchor in LINK.findall(source.read_text(encoding="utf-8"))
        if not leads_somewhere(source.parent / path if path else source, anchor)
    ]
    assert broken == []


def leads_somewhere(target: Path, anchor: str) -> bool:
    if not target.exists():
        return False
    if not anchor or target.suffix != ".md":
        return True
    headings = HEADING.findall(target.read_text(encoding="utf-8"))
    return anchor in {_anchor(heading) for heading in headings}


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
