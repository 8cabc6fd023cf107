"""The plain company of many tests: people with a name, one field, one segment of all."""

import json
from typing import Any

from lib.contacts.matching import FieldMatch, Matching
from lib.store.plans import Plan
from tests.proof.works import Works

NAME = Matching("email", (FieldMatch("FNAME", "first_name"),))
ALL = "select profile_id from profiles"


def people(count: int, **more: str) -> list[dict[str, Any]]:
    """Return so many profiles."""
    return [
        {"profile_id": i, "email": f"p{i}@post.no", "first_name": f"N{i}"} | more
        for i in range(count)
    ]


def bodies(works: Works, plan: Plan) -> list[dict[str, Any]]:
    """Return what a plan would send, contact by contact."""
    frame = works.planned(plan)
    return [json.loads(body) for body in frame["body"].drop_nulls()]
