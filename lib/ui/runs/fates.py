"""What becomes of a contact, in words and colours: fates of a plan and outcomes of a run."""

from dataclasses import dataclass

from lib.ui.text import _


@dataclass(frozen=True, slots=True)
class Fate:
    """One fate or outcome, as people see it."""

    name: str
    """As in plan.parquet and in the journal."""
    label: str
    icon: str
    color: str
    """One of Streamlit's named colours, so that it fits the light and the dark theme."""
    meaning: str
    """One sentence on what it means for the contact."""

    @property
    def shade(self) -> str:
        """The same colour as a hex value, for charts; readable on light and dark."""
        return _SHADES[self.color]


_SHADES = {
    "green": "#3f8f5f",
    "blue": "#3f7fb5",
    "gray": "#9aa19c",
    "orange": "#d08c3c",
    "red": "#c0553f",
    "violet": "#7f6bb0",
    "yellow": "#c9b458",
}


def planned(*, undo: bool = False) -> tuple[Fate, ...]:
    """Return the fates of a plan, or of an undo, in the order in which they matter to a person."""
    return (
        Fate(
            "added",
            _("Added"),
            "person_add",
            "green",
            _("New to the audience. They get the status chosen for new contacts."),
        ),
        Fate(
            "updated",
            _("Updated"),
            "edit",
            "blue",
            _("Already members; only the values that differ are sent."),
        ),
        Fate(
            "unchanged",
            _("Left alone"),
            "check",
            "gray",
            _("Already exactly as they should be. They cost no call."),
        ),
        Fate(
            "suppressed",
            _("Suppressed"),
            "do_not_disturb_on",
            "orange",
            _("Unsubscribed, cleaned, pending or archived. Nobody is ever re-subscribed."),
        ),
        Fate(
            "invalid",
            _("Invalid"),
            "error",
            "red",
            _("Mailchimp would reject them, so they are not sent."),
        ),
        Fate(
            "duplicate",
            _("Duplicates"),
            "content_copy",
            "violet",
            _("The address is on another profile already; that one is sent."),
        ),
        _archived() if undo else _left(),
    )


def _left() -> Fate:
    return Fate(
        "left",
        _("Left the segments"),
        "logout",
        "yellow",
        _("Added by this export earlier, but in none of its segments any more."),
    )


def _archived() -> Fate:
    return Fate(
        "left",
        _("Archived"),
        "inventory_2",
        "yellow",
        _("Added by the run that is undone, and changed by nobody since."),
    )


def all_outcomes(*, undo: bool = False) -> tuple[Fate, ...]:
    """Return the outcomes of a run: the fates, and what a push adds to them."""
    return (
        *planned(undo=undo),
        Fate("rejected", _("Rejected"), "block", "red", _("Mailchimp refused them.")),
        Fate(
            "in_doubt",
            _("In doubt"),
            "help",
            "orange",
            _("The reply was lost. They are settled by reading the audience back."),
        ),
        Fate(
            "not_sent",
            _("Not sent"),
            "pause_circle",
            "gray",
            _("The run ended before their turn. Resuming sends them."),
        ),
    )


def called(name: str, *, undo: bool = False) -> Fate:
    """Return the fate or outcome of that name; an unknown one speaks for itself."""
    known = {fate.name: fate for fate in all_outcomes(undo=undo)}
    return known.get(name) or Fate(name, name.replace("_", " ").capitalize(), "help", "gray", "")
