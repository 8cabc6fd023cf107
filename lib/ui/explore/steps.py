"""The way from customers to contacts in an audience, in five steps, with what is done."""

from dataclasses import dataclass

from lib.ui.text import _


@dataclass(frozen=True, slots=True)
class Progress:
    """What this installation holds already."""

    queries: int = 0
    segments: int = 0
    connections: int = 0
    exports: int = 0
    finished_runs: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One step; ``page`` is where it is taken."""

    title: str
    why: str
    page: str
    done: bool


def steps(progress: Progress) -> tuple[Step, ...]:
    """List the steps in the order in which one depends on the other."""
    return (
        Step(
            _("Look at your customers"),
            _("See what the tables hold, find a person, or ask a question in SQL."),
            "pages/explore/query.py",
            progress.queries > 0,
        ),
        Step(
            _("Save a segment"),
            _("Name a set of profiles, by rules or by a query, and see its size."),
            "pages/segments/builder.py",
            progress.segments > 0,
        ),
        Step(
            _("Connect Mailchimp"),
            _("A practice Mailchimp comes with Muster, so nothing can go wrong."),
            "pages/admin/connections.py",
            progress.connections > 0,
        ),
        Step(
            _("Set up an export"),
            _("Choose the audience, match email and names, choose segments. Sends nothing."),
            "pages/exports/setup.py",
            progress.exports > 0,
        ),
        Step(
            _("Review it, then push"),
            _("Read what would happen to each contact, say yes, and watch it arrive."),
            "pages/exports/review.py",
            progress.finished_runs > 0,
        ),
    )


def next_step(of: tuple[Step, ...]) -> int:
    """Return the place of the first step that is not done; their number when all are."""
    return next((place for place, step in enumerate(of) if not step.done), len(of))
