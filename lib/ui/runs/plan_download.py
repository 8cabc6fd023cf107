"""Everybody in a plan as a file: what would happen to each of them, and why."""

from functools import partial
from pathlib import Path

from lib.runs.files import Form
from lib.runs.plan import listing
from lib.ui import downloads, words
from lib.ui.runs import files
from lib.ui.text import _


def draw(plan: Path, total: int, name: str) -> None:
    """Offer all contacts of a plan as a file; it is written when asked for.

    Args:
        plan: plan.parquet.
        total: contacts in it.
        name: of the export.
    """
    text = _("All {total} contacts with what would happen to each, and why.").format(
        total=words.number(total)
    )
    make = partial(_made, plan)
    downloads.menu(text, make, name=f"{name}-plan", key="review.download", cancel=None)


def _made(plan: Path, form: Form, tag: str) -> bytes:
    return file(plan, form)


def file(plan: Path, form: Form) -> bytes:
    """Return all contacts of a plan as a file, in the plan's order.

    Raises:
        StorageError: the file of the plan is gone or unreadable.
    """
    return files.written(listing.listed(plan), form)
