"""A run in words: how it stands, and what began it."""

from lib.store.runs import Run, RunState
from lib.ui import words
from lib.ui.text import _, plural

_MARKS = {
    RunState.DONE: "✓",
    RunState.FAILED: "✕",
    RunState.CANCELLED: "◼",
    RunState.STOPPED: "⏸",
    RunState.QUEUED: "…",
    RunState.RUNNING: "▶",
}


def state(of: RunState) -> str:
    """Say how a run stands."""
    return {
        RunState.QUEUED: _("waiting"),
        RunState.RUNNING: _("under way"),
        RunState.DONE: _("done"),
        RunState.FAILED: _("failed"),
        RunState.CANCELLED: _("cancelled"),
        RunState.STOPPED: _("stopped"),
    }[of]


def marked(run: Run) -> str:
    """Say how a run stands behind a mark that is told apart without colours."""
    return f"{_MARKS[run.state]} {state(run.state)}"


def trigger(run: Run) -> str:
    """Say what began a run."""
    return {
        "hand": _("by hand"),
        "refresh": _("with the refresh"),
        "schedule": _("on schedule"),
        "missed": _("made up for"),
    }.get(run.trigger, run.trigger)


def awaits_a_yes(run: Run) -> bool:
    """Say whether a guard rail stopped it before it began, so that a person decides."""
    return run.state is RunState.STOPPED and never_began(run)


def never_began(run: Run) -> bool:
    """Say whether a run ended before anything could be sent, with a plan nobody approved."""
    return run.state in {RunState.STOPPED, RunState.FAILED} and run.started_at is None


def outcome(run: Run) -> str:
    """Say what became of its contacts: “1,204 added, 310 updated, 2 rejected”."""
    counts = run.outcomes
    parts = [
        (counts.get("added", 0), _("{count} added")),
        (counts.get("updated", 0), _("{count} updated")),
        (counts.get("left", 0), _("{count} treated as left")),
        (counts.get("rejected", 0), _("{count} rejected")),
        (counts.get("in_doubt", 0), _("{count} in doubt")),
        (counts.get("not_sent", 0), _("{count} not sent")),
    ]
    told = [text.format(count=words.number(count)) for count, text in parts if count]
    if told:
        return ", ".join(told)
    unchanged = counts.get("unchanged", 0)
    return plural("{count} left alone", "{count} left alone", unchanged) if unchanged else ""
