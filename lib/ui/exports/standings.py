"""How exports stand, in words: state of the last run, what comes next, and who may do what."""

from collections.abc import Sequence

from lib.config import views
from lib.config.schedule import Standing
from lib.config.views import View
from lib.ui.markdown import literal
from lib.ui.runs import run_words
from lib.ui.text import _, plural, said


def view_label(view: View) -> str:
    """Name a choice."""
    return {
        View.ALL: _("All"),
        View.ATTENTION: _("Need you"),
        View.LIVE: _("Under way"),
        View.SCHEDULED: _("Run by themselves"),
        View.OFF: _("By hand or off"),
    }[view]


def status(standing: Standing) -> str:
    """Say how an export stands: the state of its own last run."""
    run = standing.last_run
    if run is None:
        return _("○ never ran")
    return _("⏸ waits for your yes") if run_words.awaits_a_yes(run) else run_words.marked(run)


def outcome(standing: Standing) -> str:
    """Say what came of the last run: why it went wrong, or what became of its contacts."""
    run = standing.last_run
    if run is None:
        return ""
    return (
        said(run.message) if run.state in views.TROUBLE and run.message else run_words.outcome(run)
    )


def held_up(standing: Standing) -> str:
    """Say what keeps an export from running by itself; nothing when that is as somebody chose."""
    short = {
        "": "",
        "off": "",
        "detached": _("no connection"),
        "inactive": _("switched off"),
        "no_refresh": _("no refresh is set"),
        "cron": _("unreadable schedule"),
        "consent": _("consent withdrawn"),
        "user": _("export user without the right"),
        "rules": _("rules not approved"),
    }
    return short.get(standing.hindrance, said(standing.why))


def permission(standing: Standing) -> str:
    """Say what the person may do with an export."""
    return _("manage") if standing.permission == "manage" else _("look")


def named(chosen: Sequence[Standing], *, why: bool = False) -> str:
    """Name exports in a sentence, with what holds each up when asked; many are counted."""
    names = [
        quoted(one.export.name) + (f" ({held_up(one)})" if why and held_up(one) else "")
        for one in chosen
    ]
    if len(names) <= 4:
        return ", ".join(names)
    return _("{names} and {count} more").format(names=", ".join(names[:3]), count=len(names) - 3)


def quoted(name: str) -> str:
    """Put a name between quotes, its markup taken literally."""
    return _("“{name}”").format(name=literal(name))


def refused(name: str, why: str) -> str:
    """Say, as plain text, why something was not done to the export of this name."""
    return f"{_('“{name}”').format(name=name)}: {why}"


def summary(listed: Sequence[Standing]) -> str:
    """Say in one line how all of them stand."""
    counted = {view: sum(views.fits(one, view) for one in listed) for view in View}
    parts = [
        plural("{count} export", "{count} exports", counted[View.ALL]),
        _("{count} run by themselves").format(count=counted[View.SCHEDULED]),
    ]
    if counted[View.LIVE]:
        parts.append(_("{count} under way").format(count=counted[View.LIVE]))
    if counted[View.ATTENTION]:
        need = _("{count} need you").format(count=counted[View.ATTENTION])
        parts.append(f":orange[**{need}**]")
    return " · ".join(parts)
