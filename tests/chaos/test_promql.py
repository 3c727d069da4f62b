"""The reader of the alerts' expressions, against numbers worked out by hand."""

import pytest

from tests.chaos.promql import Query, scrape

BEFORE = scrape(
    """
waits{lane="a"} 3
told_total{queue="q"} 10
told_total{queue="r"} 4
again_total{queue="q"} 0
took_bucket{le="1"} 0
took_bucket{le="2"} 0
took_bucket{le="+Inf"} 0
"""
)
NOW = scrape(
    """
waits{lane="a"} 5
waits{lane="b"} 1
told_total{queue="q"} 110
told_total{queue="r"} 1
told_total{queue="new"} 7
again_total{queue="q"} 5
took_bucket{le="1"} 50
took_bucket{le="2"} 90
took_bucket{le="+Inf"} 100
""",
    'waits{lane="b"} 9\n',
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("max(waits) > 8", {"": 9}),
        ("max(waits) > 9", {}),
        ("max by (lane) (waits) > 4", {"a": 5, "b": 9}),
        ("min by (lane) (waits) == 1", {"b": 1}),
        ('sum(waits{lane="b"}) > 0', {"": 10}),
        ('sum by (lane) (waits{lane!="b"}) > 0', {"a": 5}),
        ('sum(waits{lane=~"a|c"}) > 0', {"": 5}),
        ("sum by (queue) (increase(told_total[5m])) > 0", {"q": 100, "r": 1}),
        ('sum(increase(told_total{queue="new"}[5m])) > 0', {}),
        ("sum(increase(again_total[5m])) / sum(increase(told_total[5m])) > 0.04", {"": 5 / 101}),
        (
            (
                "sum by (queue) (increase(again_total[5m])) "
                "/ sum by (queue) (increase(told_total[5m])) > 0.01"
            ),
            {"q": 0.05},
        ),
        ("histogram_quantile(0.5, sum by (le) (rate(took_bucket[5m]))) > 0.9", {"": 1.0}),
        ("histogram_quantile(0.7, sum by (le) (rate(took_bucket[5m]))) > 1", {"": 1.5}),
        ("histogram_quantile(0.95, sum by (le) (rate(took_bucket[5m]))) > 1", {"": 2.0}),
    ],
)
def test_an_expression_raises_what_prometheus_would(text: str, found: dict[str, float]) -> None:
    """A counter that is new has no increase; one that fell was started anew."""
    raised = Query(text).firing(BEFORE, NOW)
    assert {"".join(value for _, value in labels): v for labels, v in raised.items()} == (
        pytest.approx(found)
    )


@pytest.mark.parametrize("text", ["max(waits)", "max(waits) > 1 or x", "max(waits > 1", "~ > 1"])
def test_what_is_not_of_this_part_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"missing|understood"):
        Query(text).firing(BEFORE, NOW)
