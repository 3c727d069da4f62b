"""Record ids: 15 characters in which case matters, or 18 in which it does not."""

import re

_SHORT = re.compile(r"[A-Za-z0-9]{15}")
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_GROUP = 5


def id18(record_id: str) -> str:
    """The id in its 18-character form; what is no 15-character id comes back as it is.

    Each check character spells which of five characters are upper case.
    """
    if not _SHORT.fullmatch(record_id):
        return record_id
    groups = (record_id[start : start + _GROUP] for start in range(0, len(record_id), _GROUP))
    return record_id + "".join(
        _CHECK[sum(1 << n for n, one in enumerate(group) if one.isupper())] for group in groups
    )
