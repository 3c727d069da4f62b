"""Events of the quota service: the daily API allowance of one connection."""

from datetime import datetime
from typing import ClassVar

from shared.contracts.base import Event
from shared.kernel.records import Side


class QuotaExhausted(Event):
    """No more calls to this side until `until`; work waits, nothing is dropped."""

    owner: ClassVar[str] = "quota"

    side: Side
    until: datetime


class QuotaRestored(Event):
    """Calls to this side are granted again."""

    owner: ClassVar[str] = "quota"

    side: Side


class QuotaThresholdCrossed(Event):
    """The share of the daily allowance that is used went over a mark, in percent."""

    owner: ClassVar[str] = "quota"

    side: Side
    percent: int
