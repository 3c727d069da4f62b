"""Plain data as YAML text and back, for files that people write: nothing in them is executed.

Read are mappings with text keys, lists, texts, whole numbers, true, false and null. Everything else
that YAML knows is refused with the line: anchors and aliases (a small file could stand for a huge
one), tags, keys that come twice, several documents. A plain word is a text unless it is one of
`true`, `false`, `null`, `~` or a whole number: `no` and `12:30` stay what they look like.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from shared.kernel.errors import FatalError

MAX_CHARACTERS = 1024 * 1024
"""As much as the body of a request may have; settings have under 200 kB."""

MAX_DEPTH = 20
"""Settings are six deep."""

MAX_VALUES = 200_000
"""Settings with 1,000 mappings and long value tables have a tenth of that."""

LINE_WIDTH = 1000
"""Texts are not folded: a line of a file is easier to compare than half a line."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
_END = object()


class YamlRefusedError(FatalError):
    """The text is no YAML of the kind that is read here; the message says where and why."""

    def __init__(self, problem: str, mark: Any = None) -> None:
        where = "" if mark is None else f"Line {mark.line + 1}: "
        super().__init__(f"{where}{problem}", code="yaml_refused")


def write_yaml(data: object) -> str:
    """Plain data as a block of YAML, in the order that it has; read_yaml gives the same again."""
    text: str = yaml.dump(
        data,
        Dumper=_DUMPER,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=LINE_WIDTH,
    )
    return text


def read_yaml(text: str) -> object:
    """The one document of a text.

    Raises:
        YamlRefusedError: the text is too long, too deep, or holds something that is not plain.
    """
    if len(text) > MAX_CHARACTERS:
        raise YamlRefusedError(
            f"The text has {len(text)} characters; {MAX_CHARACTERS} are read at most."
        )
    try:
        return _document(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        problem = f"This is no YAML: {error.problem or 'it cannot be read'}."
        raise YamlRefusedError(problem, error.problem_mark) from None
    except (yaml.YAMLError, UnicodeError):
        problem = "This is no YAML text: it holds characters that YAML does not have."
        raise YamlRefusedError(problem) from None


def _document(events: Iterator[Any]) -> object:
    builder, documents = _Builder(events), 0
    found: object = _END
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise YamlRefusedError(
                    "Only one document is read: remove the --- and what follows."
                )
        elif isinstance(event, yaml.NodeEvent):
            found = builder.value(event, 1)
    if found is _END:
        raise YamlRefusedError("There is nothing in it.")
    return found


class _Builder:
    """Makes values of events, within the bounds."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._values = 0

    def value(self, event: Any, depth: int) -> object:
        self._check(event, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(depth)
        return _scalar(event)

    def _mapping(self, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            self._check(event, depth)
            if not isinstance(event, yaml.ScalarEvent):
                raise YamlRefusedError("A name has to be a text here.", event.start_mark)
            if event.value in found:
                told = f"{event.value[:80]!r} is there twice. Keep one of them."
                raise YamlRefusedError(told, event.start_mark)
            found[event.value] = self.value(next(self._events), depth + 1)
        return found

    def _sequence(self, depth: int) -> list[object]:
        found: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self.value(event, depth + 1))
        return found

    def _check(self, event: Any, depth: int) -> None:
        self._values += 1
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            problem = "Anchors (&) and aliases (*) are not read. Write the value out; quote a text."
            raise YamlRefusedError(problem, mark)
        if event.tag is not None:
            problem = "Tags (!) are not read. Write the plain value; quote a text."
            raise YamlRefusedError(problem, mark)
        if depth > MAX_DEPTH:
            raise YamlRefusedError(f"More than {MAX_DEPTH} levels are not read.", mark)
        if self._values > MAX_VALUES:
            raise YamlRefusedError(f"More than {MAX_VALUES} values are not read.", mark)


def _scalar(event: Any) -> object:
    """What a scalar stands for; one in quotes is always a text."""
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _WHOLE.fullmatch(text) else text
