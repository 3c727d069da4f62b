"""The project's own Python files, read once, for tests that look at the code itself."""

import ast
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_NOT_CODE = frozenset(
    {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
)


@dataclass(frozen=True)
class Source:
    """One file of the tree."""

    path: Path

    @property
    def name(self) -> str:
        """Its path from the root, as shown in failures."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def module(self) -> str:
        """Its dotted name."""
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def text(self) -> str:
        """Its content."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text, filename=self.name)

    def imports(self) -> Iterator[str]:
        """Every module or name that an import statement names, in full."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.module or ""
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def calls(self) -> Iterator[tuple[int, str]]:
        """Every call as (line, dotted name), as far as the callee is a plain name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node.lineno, ast.unparse(node.func)

    def lines_of_code(self) -> int:
        """Lines that hold more than a comment, a docstring or nothing."""
        lines: set[int] = set()
        with self.path.open("rb") as file:
            for token in tokenize.tokenize(file.readline):
                if token.type not in _NOT_CODE and token.type != tokenize.ENCODING:
                    lines |= set(range(token.start[0], token.end[0] + 1))
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        return len(lines)


def sources(*folders: str) -> list[Source]:
    """All Python files below these folders of the root."""
    return [
        Source(path)
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "__pycache__" not in path.parts
    ]


def services() -> list[str]:
    """The names of the services that have a directory."""
    return sorted(path.parent.name for path in (ROOT / "services").glob("*/__init__.py"))
