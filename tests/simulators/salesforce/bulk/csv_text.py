"""CSV as the Bulk API reads and writes it (facts: section 3). Pure."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

DELIMITERS = {
    "COMMA": ",",
    "TAB": "\t",
    "PIPE": "|",
    "SEMICOLON": ";",
    "CARET": "^",
    "BACKQUOTE": "`",
}
LineEnding = Literal["LF", "CRLF"]
ENDINGS: dict[str, str] = {"LF": "\n", "CRLF": "\r\n"}


class WrongLineEndingError(Exception):
    """A row of the file ends otherwise than the job says."""


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row; ``broken`` says what is wrong with its quotes, if anything."""

    values: tuple[str, ...]
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the rows of a job are written; both are names of the API."""

    delimiter: str = "COMMA"
    ending: str = "LF"

    def read(self, text: str) -> Iterator[CsvRow]:
        """All rows but empty ones, the header first. Blanks stay. WrongLineEndingError."""
        fields = _field_pattern(DELIMITERS[self.delimiter])
        delimiter = DELIMITERS[self.delimiter]
        values: list[str] = []
        broken = ""
        for match in fields.finditer(text):
            quoted, bare, after = match.groups()
            if quoted is None and '"' in bare:
                broken = "a double quote stands beside other characters"
            values.append(bare if quoted is None else quoted.replace('""', '"'))
            if after == delimiter:
                continue
            if values != [""]:
                yield CsvRow(tuple(values), broken)
            if after and after != ENDINGS[self.ending]:
                raise WrongLineEndingError
            values, broken = [], ""
            if match.end() == len(text):
                return

    def write(self, rows: Iterable[Sequence[str]]) -> bytes:
        """Rows with every value in quotes, as the results come."""
        text = io.StringIO()
        writer = csv.writer(
            text,
            delimiter=DELIMITERS[self.delimiter],
            lineterminator=ENDINGS[self.ending],
            quoting=csv.QUOTE_ALL,
        )
        writer.writerows(rows)
        return text.getvalue().encode()


@cache
def _field_pattern(delimiter: str) -> re.Pattern[str]:
    sign = re.escape(delimiter)
    plain = rf"[^{sign}\r\n]*"
    return re.compile(
        rf'(?:"([^"]*(?:""[^"]*)*)"|({plain}(?:\r(?!\n){plain})*))({sign}|\r\n|\n|\Z)'
    )
