import polars as pl
import pyarrow as pa
import pytest

from lib import formulas

CELLS = [
    ("=1+1", "'=1+1"),
    ("+cmd", "'+cmd"),
    ("@x", "'@x"),
    ("\t=x", "'\t=x"),
    ("\n=x", "'\n=x"),
    ("-5", "-5"),
    ("+47 912 34 567", "+47 912 34 567"),
    ("plain", "plain"),
    ("", ""),
    (None, None),
]


@pytest.mark.parametrize(("given", "wanted"), CELLS)
def test_a_cell_is_defused_alike_whichever_way_it_comes(
    given: str | None, wanted: str | None
) -> None:
    assert formulas.defused(given) == wanted
    assert formulas.defused_texts(pa.array([given], pa.string())).to_pylist() == [wanted]
    column = pl.Series("a", [given], pl.String)
    assert column.to_frame().select(formulas.defused_column(pl.col("a"))).item() == wanted


def test_what_is_no_text_stays_as_it_is() -> None:
    assert formulas.defused(-5) == -5
