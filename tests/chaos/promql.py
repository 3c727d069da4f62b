"""The part of Prometheus' language that the alerts are written in, over two scrapes.

`increase` and `rate` are the difference between the scrapes, whatever the range says: a counter
that was not there at the first one has no increase, as in Prometheus.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
Scrape = Mapping[tuple[str, Labels], float]
"""Samples by name and labels."""

TOKEN = re.compile(
    r'\s*("(?:[^"\\]|\\.)*"|\[[0-9]+[smhd]\]|=~|!=|==|>=|<=|[A-Za-z_:][A-Za-z0-9_:]*'
    r"|[0-9]+(?:\.[0-9]+)?|[(){},=<>/])"
)
AGGREGATIONS: dict[str, Callable[[list[float]], float]] = {"sum": sum, "min": min, "max": max}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    "==": lambda a, b: a == b,
    "<": lambda a, b: a < b,
}


def scrape(*texts: str) -> Scrape:
    """What several processes tell, each an instance of its own."""
    return {
        (sample.name, frozenset({**sample.labels, "instance": str(number)}.items())): sample.value
        for number, text in enumerate(texts)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@dataclass(slots=True)
class Query:
    """One expression, read from its text; ValueError where the text is not of this part."""

    text: str
    used: dict[str, set[str]] = field(default_factory=dict)
    grouped: set[str] = field(default_factory=set)
    _tokens: list[str] = field(default_factory=list)
    _before: Scrape = field(default_factory=dict)
    _now: Scrape = field(default_factory=dict)

    def firing(self, before: Scrape, now: Scrape) -> Vector:
        """What the expression raises, by labels; `used` and `grouped` say what it looked at."""
        self._tokens, at = [], 0
        while match := TOKEN.match(self.text, at):
            self._tokens.append(match[1])
            at = match.end()
        if self.text[at:].strip():
            raise ValueError(f"not understood: {self.text[at:]!r}")
        self._before, self._now = before, now
        left = self._quotient()
        compare = COMPARISONS[self._next()]
        limit = float(self._next())
        if self._tokens:
            raise ValueError(f"not understood: {self._tokens}")
        return {labels: value for labels, value in left.items() if compare(value, limit)}

    def _quotient(self) -> Vector:
        left = self._term()
        if self._peek() != "/":
            return left
        self._next("/")
        right = self._term()
        return {k: v / right[k] for k, v in left.items() if right.get(k)}

    def _term(self) -> Vector:
        name = self._next()
        if name in AGGREGATIONS:
            by = self._by()
            return self._grouped(name, by, self._bracketed())
        if name == "histogram_quantile":
            self._next("(")
            share = float(self._next())
            self._next(",")
            found = _quantiles(share, self._term())
            self._next(")")
            return found
        if name in {"increase", "rate"}:
            return self._growth()
        return self._selected(name, self._now)

    def _grouped(self, name: str, by: frozenset[str], of: Vector) -> Vector:
        groups: dict[Labels, list[float]] = defaultdict(list)
        for labels, value in of.items():
            groups[frozenset((k, v) for k, v in labels if k in by)].append(value)
        return {labels: AGGREGATIONS[name](values) for labels, values in groups.items()}

    def _by(self) -> frozenset[str]:
        if self._peek() != "by":
            return frozenset()
        self._next("by")
        self._next("(")
        names = {self._next()}
        while self._next() == ",":
            names.add(self._next())
        self.grouped |= names
        return frozenset(names)

    def _bracketed(self) -> Vector:
        self._next("(")
        found = self._term()
        self._next(")")
        return found

    def _growth(self) -> Vector:
        self._next("(")
        tokens = list(self._tokens)
        name = self._next()
        now = self._selected(name, self._now)
        self._tokens = tokens[1:]
        before = self._selected(name, self._before)
        if not self._next().startswith("["):
            raise ValueError("a range is missing")
        self._next(")")
        return {k: v - before[k] if v >= before[k] else v for k, v in now.items() if k in before}

    def _selected(self, name: str, samples: Scrape) -> Vector:
        matchers = self._matchers()
        self.used.setdefault(name, set()).update(label for label, _, _ in matchers)
        return {
            labels: value
            for (sample, labels), value in samples.items()
            if sample == name and all(_fits(dict(labels), *matcher) for matcher in matchers)
        }

    def _matchers(self) -> list[tuple[str, str, str]]:
        found: list[tuple[str, str, str]] = []
        if self._peek() != "{":
            return found
        closing = self._next("{")
        while closing != "}":
            label, how, value = self._next(), self._next(), self._next()
            found.append((label, how, value[1:-1]))
            closing = self._next()
        return found

    def _peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _next(self, wanted: str = "") -> str:
        if not self._tokens or wanted not in {"", self._tokens[0]}:
            raise ValueError(f"{wanted or 'more'} is missing before {self._tokens} in {self.text}")
        return self._tokens.pop(0)


def _fits(labels: Mapping[str, str], label: str, how: str, value: str) -> bool:
    has = labels.get(label, "")
    if how == "=~":
        return re.fullmatch(value, has) is not None
    return has == value if how == "=" else has != value


def _quantiles(share: float, buckets: Vector) -> Vector:
    """By linear interpolation inside the bucket, as Prometheus does."""
    groups: dict[Labels, list[tuple[float, float]]] = defaultdict(list)
    for labels, count in buckets.items():
        rest = frozenset((k, v) for k, v in labels if k != "le")
        groups[rest].append((float(dict(labels)["le"]), count))
    return {rest: _quantile(share, sorted(found)) for rest, found in groups.items() if found}


def _quantile(share: float, buckets: list[tuple[float, float]]) -> float:
    rank = share * buckets[-1][1]
    if not buckets[-1][1]:
        return float("nan")
    low, below = 0.0, 0.0
    for bound, count in buckets:
        if count >= rank:
            return (
                low
                if bound == float("inf")
                else low + (bound - low) * (rank - below) / (count - below)
            )
        low, below = bound, count
    return low
