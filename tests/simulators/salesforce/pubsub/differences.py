"""Changes of long texts, which come as differences when that is shorter (facts: section 4.1). Pure.

The form is a unified diff without context whose ``+++`` line holds the SHA-256 of the new text.
"""

import hashlib
from difflib import SequenceMatcher

SHORTEST = 1_000
"""A shorter new text always comes whole."""
MAX_GROWTH = 0.5
"""So is one whose length differs more, by the longer one of the two."""
MAX_LINES = 0.25
"""So is one of which more lines changed, by the lines of both texts."""


def difference(old: str | None, new: str | None) -> str | None:
    """The difference as it is sent; None when the text is sent whole."""
    if old is None or new is None or len(new) < SHORTEST:
        return None
    if abs(len(new) - len(old)) > MAX_GROWTH * max(len(new), len(old)):
        return None
    before, after = old.split("\n"), new.split("\n")
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    hunks = [one for one in steps if one[0] != "equal"]
    changed = sum((i2 - i1) + (j2 - j1) for _, i1, i2, j1, j2 in hunks)
    if changed > MAX_LINES * (len(before) + len(after)):
        return None
    lines = ["--- ", f"+++ {hashlib.sha256(new.encode()).hexdigest()}"]
    for _, i1, i2, j1, j2 in hunks:
        lines.append(f"@@ -{_range(i1, i2)} +{_range(j1, j2)} @@")
        lines += [f"-{line}" for line in before[i1:i2]]
        lines += [f"+{line}" for line in after[j1:j2]]
    text = "\n".join(lines)
    return text if len(text) <= len(new) else None


def _range(start: int, end: int) -> str:
    """Lines count from 1; an empty range names the line before it."""
    return f"{start + 1 if end > start else start},{end - start}"
