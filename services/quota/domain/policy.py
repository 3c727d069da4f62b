"""Every number of the quota service, each with its reason."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shared.kernel.records import Side


class Kind(StrEnum):
    """What is called: HubSpot counts searches in a bucket of their own."""

    CALL = "call"
    SEARCH = "search"


class Purpose(StrEnum):
    """What the calls are for; background purposes leave a reserve for the others."""

    LIVE = "live"
    IMPORT = "import"
    POLL = "poll"
    SETUP = "setup"

    @property
    def background(self) -> bool:
        """Nobody waits for this work: it must leave the reserve alone."""
        return self in {Purpose.IMPORT, Purpose.POLL}


@dataclass(frozen=True, slots=True)
class Pace:
    """How leases of one kind are handed out on one side.

    `ttl`: how long the holder may use the lease. `block`: the most calls of one lease, so that
    one worker cannot take everything. `cap` and `window`: no more than `cap` calls in any
    `window`; a cap of None means that the CRM has no burst limit for this kind.
    """

    ttl: timedelta
    block: int
    cap: int | None = None
    window: timedelta = timedelta(0)


# A public HubSpot app may make 110 calls in 10 s per account, a private app of a small account
# 100 (facts: hubspot-api §11). 100 fits both and leaves a public app 10 calls for stragglers.
HUBSPOT_BURST_CAP = 100
HUBSPOT_BURST_WINDOW = timedelta(seconds=10)
# 5 searches a second per account over all its apps (facts: hubspot-api §11); one is left over.
HUBSPOT_SEARCH_CAP = 4
HUBSPOT_SEARCH_WINDOW = timedelta(seconds=1)

# Between a holder's last look at its clock and the arrival of the call at the CRM: the skew of
# two machines' clocks and the way there.
SLACK = timedelta(seconds=1)

# A lease that is never returned blocks its calls for ttl + SLACK + window, so a ttl is as short
# as a holder can live with: a drain's burst of bulk calls, one search. Salesforce has no burst
# limit; there a longer lease saves round trips to this service.
PACES: dict[tuple[Side, Kind], Pace] = {
    (Side.HUBSPOT, Kind.CALL): Pace(
        ttl=timedelta(seconds=10), block=20, cap=HUBSPOT_BURST_CAP, window=HUBSPOT_BURST_WINDOW
    ),
    (Side.HUBSPOT, Kind.SEARCH): Pace(
        ttl=timedelta(seconds=2), block=2, cap=HUBSPOT_SEARCH_CAP, window=HUBSPOT_SEARCH_WINDOW
    ),
    (Side.SALESFORCE, Kind.CALL): Pace(ttl=timedelta(seconds=60), block=100),
    (Side.SALESFORCE, Kind.SEARCH): Pace(ttl=timedelta(seconds=60), block=100),
}
# The longest time between the grant of a lease and a call made on it.
LEASE_TAIL = max(pace.ttl for pace in PACES.values()) + SLACK

# Salesforce counts calls over a rolling 24 h (facts: salesforce-api §2.8).
DAY = timedelta(hours=24)
HOUR = timedelta(hours=1)

# The smallest limit that an org with an API has, a Developer Edition's (facts: salesforce-api
# §2.8): assumed until the org reports its own.
ASSUMED_ORG_LIMIT = 15_000
# What Causeway takes of the org's limit when the admin set no number: most of it, and enough is
# left that an import cannot stop the org's other integrations.
DEFAULT_SHARE_PERCENT = 60
# Import and polling stop here, so that live changes go on: the native integration stops its
# retries at 75 % of its allocation for the same reason (facts: native §7).
BACKGROUND_SHARE_PERCENT = 75
# The last calls of the whole org are never ours: at the limit every integration stops.
ORG_SHARE_PERCENT = 95
# How long a report of the org's use counts. Afterwards calls are tried again, which brings a new
# report: otherwise a full org would never be seen to have emptied.
REPORT_LIFETIME = timedelta(minutes=15)

# Marks of use that are announced, and how far use must fall below one before it is announced
# again: a rolling window breathes, and nobody wants the same alarm every minute.
MARKS = (50, 80, 95)
MARK_HYSTERESIS = 5
# An exhausted budget is restored when at least this share of the allowance is free again.
RESTORE_PERCENT = 1
# Nobody is told to wait longer than this: the allowance may be raised meanwhile.
LONGEST_WAIT = timedelta(minutes=15)
# A full burst window frees as soon as holders return what they did not use, long before the ends
# of their leases; asking every two seconds costs this service little and keeps live work quick.
LONGEST_BURST_WAIT = timedelta(seconds=2)
# And nobody is told to come back at once: that would be a hot loop.
SHORTEST_WAIT = timedelta(milliseconds=100)
