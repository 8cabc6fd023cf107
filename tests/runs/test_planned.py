import json
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.runs.plan import planned

HOMES = st.fixed_dictionaries(
    {"addr1": st.text(max_size=4), "city": st.sampled_from(["Bodø", '"'])}
)
MERGES = st.fixed_dictionaries(
    {}, optional={"FNAME": st.text(max_size=8), "POINTS": st.integers(0, 10**12), "HOME_2": HOMES}
)
BODIES = st.builds(
    lambda merge, tags: {"merge_fields": merge, **({"tags": tags} if tags else {})},
    MERGES,
    st.lists(st.text(max_size=5), max_size=3),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.none() | BODIES, min_size=1, max_size=5))
def test_what_is_sent_is_read_from_the_bodies_alike_by_both_engines(
    tmp_path_factory: Any,  # noqa: ANN401 - hypothesis may not take tmp_path
    bodies: list[dict[str, Any] | None],
) -> None:
    plan = tmp_path_factory.mktemp("plan") / "plan.parquet"
    write(plan, bodies)
    with duckdb.connect() as db:
        planned.view(db, plan)
        rows = db.sql("select new, tags_add from plan order by ord").pl().to_dicts()
    lazy = pl.scan_parquet(plan).sort("ord")
    frame = planned.with_sent(lazy, planned.matched(plan)).collect()
    assert [meant(row["new"]) for row in rows] == [sent(body) for body in bodies]
    assert [meant(new) for new in frame["new"]] == [sent(body) for body in bodies]
    tags = [(body or {}).get("tags", []) for body in bodies]
    assert [row["tags_add"] for row in rows] == tags
    assert frame["tags_add"].to_list() == tags


def test_a_plan_of_before_that_repeats_what_is_sent_is_read_like_any_other(tmp_path: Path) -> None:
    plan = tmp_path / "plan.parquet"
    write(plan, [{"merge_fields": {"FNAME": "Ada"}}], changed=["FNAME"], tags_add=["No"])
    with duckdb.connect() as db:
        planned.view(db, plan)
        assert db.sql("select new.FNAME, tags_add from plan").fetchall() == [("Ada", [])]


def write(plan: Path, bodies: list[dict[str, Any] | None], **more: list[str]) -> None:
    rows = {
        "ord": range(len(bodies)),
        "old": [{"FNAME": "", "POINTS": "", "HOME_2": ""}] * len(bodies),
        "body": [body and json.dumps(body, ensure_ascii=False) for body in bodies],
        **{name: [value] for name, value in more.items()},
    }
    pl.DataFrame(rows, schema_overrides={"body": pl.String}).write_parquet(plan)


def sent(body: dict[str, Any] | None) -> dict[str, Any]:
    fields: dict[str, Any] = (body or {}).get("merge_fields", {})
    return fields


def meant(new: dict[str, Any] | None) -> dict[str, Any]:
    """Return the values as they stand in a body; in a plan, all are texts."""
    values = {tag: value for tag, value in (new or {}).items() if value is not None}
    return {tag: v if tag == "FNAME" else json.loads(v) for tag, v in values.items()}
