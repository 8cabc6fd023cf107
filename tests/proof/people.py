"""Made-up profiles and members: every dirty text comes with what it must come to."""

from typing import Any

from hypothesis import strategies as st

ADDRESSES = [f"person{i}@post.no" for i in range(20)]
_DIRT = (
    "{}", "{}", "{}", " {} ", "mailto:{}", "Ada <{}>", "{}.", "\u200b{}", "\u00a0{}", "<{}>", "{},",
)  # fmt: skip
_USELESS = (
    None, "", "   ", "no address", "a@b", "two@@post.no", "x@example.com", "x@post.con", "@post.no",
    "dot.@post.no", "a b@post.no", f"{'x' * 65}@post.no", "x@post.no, y@post.no",
)  # fmt: skip
_TEXTS = (
    (None, None), ("", None), (" \t", None), ("Ada", "Ada"), ("  Bo ", "Bo"), ("Åse", "Åse"),
    ("a\tb", "a b"), ("😀" * 70, "😀" * 63), ("é" * 200, "é" * 127), ('"\\', '"\\'),
    ("Old", "Old"),
)  # fmt: skip
_NUMBERS = (
    (None, None), ("12", 12), ("12.50", 12.5), ("1 234,5", 1234.5), ("abc", None), ("0", 0),
    ("NaN", None), ("-3", -3),
)  # fmt: skip
_BIRTHDAYS = (
    (None, None), ("1990-05-17", "05/17"), ("29.02", "02/29"), ("never", None),
    ("1990-02-30", None),
)  # fmt: skip
_DATES = (
    (None, None), ("2024-02-29", "2024-02-29"), ("31.12.2019", "2019-12-31"), ("2023-02-29", None),
    ("2020-01-02 10:30:00", "2020-01-02"), ("soon", None),
)  # fmt: skip
TIERS = ("Bronze", "Silver", "Gold")
_TIERS = ((None, None), ("Gold", "Gold"), (" bronze", "Bronze"), ("Wood", None))
_HOME = {
    "addr1": "Storgata 1", "addr2": "", "city": "Oslo", "state": "Oslo", "zip": "0155",
    "country": "NO",
}  # fmt: skip
_PLACES = ((None, None), ("Oslo", _HOME), ("", None))
"""The state of somebody's address; without one it is not whole, and not to be sent."""
STATUSES = (
    "subscribed", "subscribed", "transactional", "pending", "unsubscribed", "self", "cleaned",
    "archived", "self archived", "forgotten",
)  # fmt: skip


@st.composite
def emails(draw: st.DrawFn) -> tuple[str | None, str | None]:
    """Draw what a profile holds as address, and the member it means (None: nobody)."""
    if draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from(_USELESS)), None
    address = draw(st.sampled_from(ADDRESSES))
    cased = draw(st.sampled_from((address, address, address.upper(), address.title())))
    return draw(st.sampled_from(_DIRT)).format(cased), address


@st.composite
def profiles(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a profile without its key: texts under column names, truths under ``truth``."""
    given, address = draw(emails())
    first, last = draw(st.sampled_from(_TEXTS)), draw(st.sampled_from(_TEXTS))
    number, born = draw(st.sampled_from(_NUMBERS)), draw(st.sampled_from(_BIRTHDAYS))
    since, tier = draw(st.sampled_from(_DATES)), draw(st.sampled_from(_TIERS))
    place = draw(st.sampled_from(_PLACES))
    pairs = {
        "FNAME": first, "LNAME": last, "LTV": number, "BIRTHDAY": born, "SINCE": since,
        "TIER": tier, "ADDRESS": place,
    }  # fmt: skip
    return {
        "email": given,
        "first_name": first[0],
        "last_name": last[0],
        "ltv": number[0],
        "born": born[0],
        "since": since[0],
        "tier": tier[0],
        "street": None if place[0] is None else "Storgata 1",
        "city": "Oslo",
        "state": place[0],
        "zip": "0155",
        "country": "NO",
        "gold": draw(st.booleans()),
        "silver": draw(st.booleans()),
        "truth": (address, {tag: truth for tag, (_, truth) in pairs.items() if truth is not None}),
    }


@st.composite
def members(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a member: ``email``, ``status`` and merge values by tag."""
    merge = {
        "FNAME": draw(st.sampled_from(("", "Old", "Ada", "Åse"))),
        "LNAME": draw(st.sampled_from(("", "Old", "Bo"))),
        "LTV": draw(st.sampled_from(("", 12, 7))),
        "SINCE": draw(st.sampled_from(("", "2024-02-29", "2001-01-01"))),
        "TIER": draw(st.sampled_from(("", "", "Gold", "Silver"))),
        "ADDRESS": draw(st.sampled_from(("", "", _HOME, {**_HOME, "city": "Bergen"}))),
    }
    # A tag that differs in its case only is the same tag.
    gold = draw(st.sampled_from(("Gold", "Gold", "gold")))
    tags = draw(st.sets(st.sampled_from((gold, "Silver", "Foreign"))))
    return {
        "email": draw(st.sampled_from(ADDRESSES)),
        "status": draw(st.sampled_from(STATUSES)),
        "merge": {tag: value for tag, value in merge.items() if value != ""},
        "tags": sorted(tags),
    }


FAULTS = (
    "reset-before", "reset-after", "500", "502-html", "503-html", "504-html", "truncated-json",
    "bare-429", "bare-403", "problem-429",
)  # fmt: skip
"""Faults of whole calls that pass."""
faults = st.builds(
    lambda name, on, times, after: {"name": name, "on": on, "times": times, "after": after},
    st.sampled_from(FAULTS),
    st.sampled_from(("batch", "batch", "writes", "reads")),
    st.integers(1, 4),
    st.integers(0, 3),
)
SWITCHES = (
    "unchanged", "duplicates", "revived", "archived_if_new", "throttled", "since", "long_text",
    "member_schema", "tag_case", "merge_case", "quoted_address", "result_order", "empty_batch",
    "sync_without_tags", "capital_booleans", "resubscribe", "forced_opt_in",
    "pending_subscribed", "blank_state", "unlisted_choice",
)  # fmt: skip
"""Disputed behaviours under which everything must hold."""
