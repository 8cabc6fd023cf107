"""Tags that did not come with a batch, given by themselves.

Whether a batch gives tags is disputed (mailchimp-client-lib-codegen#273); the members of a tag can
be added to in any case, 500 in a call. Giving a tag twice does no harm.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import polars as pl

from lib.errors import InDoubtError, RequestError
from lib.mailchimp.budget import MOST
from lib.mailchimp.client import Mailchimp
from lib.mailchimp.tag import TAGGED
from lib.runs.local import disk


def give(client: Mailchimp, audience_id: str, missing: Path, go_on: Callable[[], None]) -> None:
    """Give tags to members.

    Args:
        client: the client.
        audience_id: the audience.
        missing: Parquet file of ``tag`` and ``email``.
        go_on: asked between calls; may raise to end it.

    Raises:
        MailchimpError: Mailchimp refuses, or cannot be asked.
        StorageError: the file cannot be read.
    """
    with ThreadPoolExecutor(MOST, thread_name_prefix="tags") as pool:
        for name in _names(missing):
            tag_id = _tag_id(client, audience_id, name)
            groups = _groups(missing, name)
            while wave := list(islice(groups, MOST)):
                go_on()
                jobs = [
                    pool.submit(client.tag_members, audience_id, tag_id, add=group)
                    for group in wave
                ]
                for job in jobs:
                    job.result()


def _names(missing: Path) -> list[str]:
    with disk():
        return (
            pl.scan_parquet(missing).select("tag").unique().sort("tag").collect()["tag"].to_list()
        )


def _groups(missing: Path, name: str) -> Iterator[list[str]]:
    with disk():
        rows = pl.scan_parquet(missing).filter(pl.col("tag") == name).select("email").collect()
    return (part["email"].to_list() for part in rows.iter_slices(TAGGED))


def _tag_id(client: Mailchimp, audience_id: str, name: str) -> int:
    """Find the tag of this name, or make it."""
    found = _known(client, audience_id, name)
    if found is None:
        try:
            return client.create_tag(audience_id, name).id
        except (InDoubtError, RequestError):
            # It may have been made all the same, or by somebody else at the same time.
            found = _known(client, audience_id, name)
            if found is None:
                raise
    return found


def _known(client: Mailchimp, audience_id: str, name: str) -> int | None:
    tags = {tag.name.lower(): tag.id for tag in client.tags(audience_id)}
    return tags.get(name.lower())
