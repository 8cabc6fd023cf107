"""A whole reading: every page of an audience, and what changed meanwhile, until the counts agree.

Pages stay on disk until it is finished, so that a reading that was killed or cancelled goes on.
"""

import json
import logging
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from lib.mailchimp.member import MemberPage
from lib.runs.audience import definitions, marks, merging
from lib.runs.audience.definitions import Definitions
from lib.runs.audience.marks import Marks
from lib.runs.audience.news import News
from lib.runs.audience.pages import PASSES, Reader
from lib.runs.local import appearing, disk

log = logging.getLogger(__name__)

RESUMABLE = timedelta(hours=6)
"""An unfinished reading older than this is begun anew."""
SWEEPS = 3
"""Most times to read everything while the counts disagree."""


def read(
    reader: Reader,
    path: Path,
    heads: tuple[MemberPage, ...],
    known: Definitions | None,
    now: datetime,
) -> News:
    """Read an audience as a whole, or go on with an unfinished reading.

    Args:
        reader: of the audience.
        path: the snapshot, in the directory of the audience; it is replaced.
        heads: the newest members, as seen before the reading.
        known: definitions of the merge fields, as of now.
        now: the time, UTC.

    Returns:
        What changed while it was read, merged; its gaps say whether the counts agree.

    Raises:
        CancelledError: somebody asked for it to end.
        MailchimpError: what the client raises.
        StorageError: the directory cannot be written.
    """
    directory = path.parent / "reading"
    found = _begin(directory, heads, known, now)
    pages: list[Path] = []
    for sweep in range(SWEEPS):
        for status in PASSES:
            pages.append(directory / f"{sweep}-{status or 'default'}")
            reader.store(status, pages[-1])
        merging.combine(path, pages)
        news = News(reader, path, reader.heads(), found)
        if news.merge():
            break
        if any(gap > 0 for gap in news.gaps):
            # Somebody was deleted for good while it was read, and only a reading without them
            # tells whom. Who was skipped in one reading is found in another.
            pages.clear()
    else:
        log.warning("The counts of the audience disagree, however often it is read.")
    shutil.rmtree(directory, ignore_errors=True)
    return news


def _begin(
    directory: Path, heads: tuple[MemberPage, ...], known: Definitions | None, now: datetime
) -> Marks:
    """Begin a reading, or go on with an unfinished one; return its marks."""
    begun, fields = directory / "begun.json", definitions.to_json(known)
    try:
        told = json.loads(begun.read_text("utf-8"))
        recent = now - datetime.fromisoformat(told["at"]) < RESUMABLE
        if recent and told.get("definitions") == fields:
            return marks.from_json(told["marks"])
    except (OSError, ValueError, KeyError):
        pass
    shutil.rmtree(directory, ignore_errors=True)
    found = tuple(map(marks.mark_of, heads))
    told = {"at": now.isoformat(), "marks": marks.to_json(found), "definitions": fields}
    with disk():
        directory.mkdir(parents=True)
        with appearing(begun) as fresh:
            fresh.write_text(json.dumps(told), "utf-8")
    return found
