from datetime import date

import polars as pl
import pytest

from lib.ui.explore import charts, drawing
from lib.ui.explore.charts import Chart, Kind

MONTHS = [date(2026, 1, 1), date(2026, 2, 1)]


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ({"month": MONTHS, "customers": [1, 2]}, Kind.LINE),
        ({"country": ["NO", "SE"], "customers": [1, 2]}, Kind.BARS),
        ({"age": [20, 30], "spent": [1.5, 9.0]}, Kind.POINTS),
        ({"spent": [1.5, 9.0]}, Kind.HISTOGRAM),
        ({"country": ["NO", "SE"]}, Kind.BARS),
    ],
)
def test_the_chart_suits_the_types(rows: dict[str, list[object]], kind: Kind) -> None:
    chosen = charts.suggest(pl.DataFrame(rows))
    assert chosen is not None
    assert chosen.kind is kind


def test_nothing_is_drawn_of_nothing() -> None:
    assert charts.suggest(pl.DataFrame({"list": [[1], [2]]})) is None
    assert charts.suggest(pl.DataFrame({"country": []}, schema={"country": pl.String})) is None


def test_names_that_vega_would_read_as_paths_are_drawn_as_they_are() -> None:
    rows = pl.DataFrame({"a.b [x]:y": ["one", None], "n": [1, 2]})
    spec = drawing.draw(Chart(Kind.BARS, "a.b [x]:y", "n"), rows).to_dict()
    assert spec["encoding"]["x"]["field"] == r"a\.b \[x\]\:y"


def test_only_the_highest_bars_are_kept_in_their_order() -> None:
    rows = pl.DataFrame({"city": [f"c{n}" for n in range(100)], "n": range(100)})
    spec = drawing.draw(Chart(Kind.BARS, "city", "n"), rows).to_dict()
    (values,) = spec["datasets"].values()
    assert [value["city"] for value in values] == [f"c{n}" for n in range(70, 100)]
