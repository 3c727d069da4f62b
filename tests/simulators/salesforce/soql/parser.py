"""Reads the SOQL that integrations write: one object, fields of it and of its parents.

Grammar: SELECT (COUNT() | COUNT(path) [alias] | path, ...) FROM object [WHERE ...]
[ORDER BY ...] [LIMIT n] [OFFSET n].
As in the real one, AND and OR may not be mixed without parentheses.
"""

from typing import Literal

from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.soql.days import NUMBERED, WORDS
from tests.simulators.salesforce.soql.errors import malformed
from tests.simulators.salesforce.soql.lexer import Token, tokens
from tests.simulators.salesforce.soql.syntax import (
    Column,
    Comparison,
    Condition,
    Counted,
    Group,
    Literally,
    Not,
    Operator,
    Ordering,
    Path,
    Query,
)

MAX_DEPTH = 40
"""Nested parentheses; deeper ones are refused as too complicated."""
MAX_RELATIONS = 5
"""Parents that a path may climb."""
MAX_DIGITS = 9
"""Of a LIMIT: more would be no number of rows."""
COMPARISONS: dict[str, Operator] = {
    "=": "=",
    "!=": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
RESERVED = frozenset(
    {"SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "ORDER", "LIMIT", "NULL"}
)


def parse(text: str) -> Query:
    """The query. SalesforceError MALFORMED_QUERY says where it goes wrong."""
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._next = 0
        self._depth = 0

    @property
    def _here(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._here
        if token.kind != "end":
            self._next += 1
        return token

    def _unexpected(self, token: Token) -> SalesforceError:
        if token.kind == "end":
            return malformed("unexpected token: '<EOF>'")
        return malformed(f"unexpected token: '{token.text}'", text=self._text, at=token.at)

    def _word(self, *words: str) -> bool:
        if self._here.is_word(*words):
            self._next += 1
            return True
        return False

    def _need_word(self, word: str) -> None:
        if not self._word(word):
            raise self._unexpected(self._here)

    def _sign(self, sign: str) -> bool:
        if self._here.is_sign(sign):
            self._next += 1
            return True
        return False

    def _need_sign(self, sign: str) -> None:
        if not self._sign(sign):
            raise self._unexpected(self._here)

    def query(self) -> Query:
        self._need_word("SELECT")
        counted = self._counted()
        counting, columns = (False, ()) if counted else self._columns()
        self._need_word("FROM")
        source = self._name()
        query = Query(
            columns=columns,
            counting=counting,
            counted=counted,
            source=source.text,
            source_at=source.at,
            where=self._condition() if self._word("WHERE") else None,
            order=self._order(),
            limit=self._count() if self._word("LIMIT") else None,
            offset=self._count() if self._word("OFFSET") else 0,
        )
        if self._here.kind != "end":
            raise self._unexpected(self._here)
        return query

    def _counted(self) -> Counted | None:
        """``COUNT(field)`` or ``COUNT_DISTINCT(field)``, alone in its SELECT."""
        here = self._here
        if not here.is_word("COUNT", "COUNT_DISTINCT"):
            return None
        if not self._tokens[self._next + 1].is_sign("("):
            return None
        if self._tokens[self._next + 2].is_sign(")"):
            return None
        self._next += 2
        column = self._column()
        self._need_sign(")")
        alias = "expr0" if self._here.is_word("FROM") else self._name().text
        return Counted(column, alias, distinct=here.is_word("COUNT_DISTINCT"))

    def _columns(self) -> tuple[bool, tuple[Column, ...]]:
        if self._here.is_word("COUNT") and self._tokens[self._next + 1].is_sign("("):
            self._next += 2
            self._need_sign(")")
            return True, ()
        columns = [self._column()]
        while self._sign(","):
            columns.append(self._column())
        return False, tuple(columns)

    def _column(self) -> Column:
        at = self._here.at
        return Column(self._path(), at)

    def _name(self) -> Token:
        token = self._take()
        if token.kind != "word" or ":" in token.text or token.text.upper() in RESERVED:
            raise self._unexpected(token)
        return token

    def _path(self) -> Path:
        names = [self._name().text]
        while self._sign("."):
            names.append(self._name().text)
        if len(names) > MAX_RELATIONS + 1:
            raise malformed("only 5 levels of relationships are allowed in a path")
        return tuple(names)

    def _condition(self) -> Condition:
        first = self._unary()
        for word in _JOINS:
            if self._here.is_word(word):
                return self._joined(word, first)
        return first

    def _joined(self, word: Literal["AND", "OR"], first: Condition) -> Condition:
        parts = [first]
        while self._word(word):
            parts.append(self._unary())
        if self._here.is_word(*_JOINS):
            raise self._unexpected(self._here)
        return Group(word, tuple(parts))

    def _unary(self) -> Condition:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise malformed("the WHERE clause is nested too deeply")
        try:
            if self._word("NOT"):
                return Not(self._unary())
            if self._sign("("):
                inner = self._condition()
                self._need_sign(")")
                return inner
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Comparison:
        at = self._here.at
        path = self._path()
        token = self._take()
        if token.kind == "sign" and token.text in COMPARISONS:
            return Comparison(path, COMPARISONS[token.text], (self._value(),), at)
        if token.is_word("LIKE"):
            return Comparison(path, "LIKE", (self._value(),), at)
        if token.is_word("IN"):
            return Comparison(path, "IN", self._values(), at)
        if token.is_word("NOT"):
            self._need_word("IN")
            return Comparison(path, "NOT IN", self._values(), at)
        raise self._unexpected(token)

    def _values(self) -> tuple[Literally, ...]:
        self._need_sign("(")
        values = [self._value()]
        while self._sign(","):
            values.append(self._value())
        self._need_sign(")")
        return tuple(values)

    def _value(self) -> Literally:
        token = self._take()
        if token.value is not None:
            return token.value
        if token.is_word("NULL"):
            return Literally("null")
        if token.is_word("TRUE", "FALSE"):
            return Literally("boolean", token.text.lower())
        if token.kind == "word":
            return self._date_literal(token)
        raise self._unexpected(token)

    def _date_literal(self, token: Token) -> Literally:
        name, colon, number = token.text.upper().partition(":")
        if name not in WORDS or bool(colon) != (name in NUMBERED) or len(number) > 5:
            raise self._unexpected(token)
        return Literally("date_literal", name, number=int(number or 0))

    def _order(self) -> tuple[Ordering, ...]:
        if not self._word("ORDER"):
            return ()
        self._need_word("BY")
        terms = [self._ordering()]
        while self._sign(","):
            terms.append(self._ordering())
        return tuple(terms)

    def _ordering(self) -> Ordering:
        at = self._here.at
        path = self._path()
        descending = self._word("DESC")
        if not descending:
            self._word("ASC")
        nulls_last = False
        if self._word("NULLS"):
            nulls_last = self._word("LAST")
            if not nulls_last:
                self._need_word("FIRST")
        return Ordering(path, descending, nulls_last, at)

    def _count(self) -> int:
        token = self._take()
        if token.kind != "value" or not token.text.isdecimal() or len(token.text) > MAX_DIGITS:
            raise self._unexpected(token)
        return int(token.text)


_JOINS: tuple[Literal["AND"], Literal["OR"]] = ("AND", "OR")
