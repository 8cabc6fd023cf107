"""The statuses that Mailchimp gives a contact, in the person's language."""

from lib.ui.text import _


def called(status: str) -> str:
    """Name a status; one that is not known here stays as Mailchimp says it."""
    return {
        "subscribed": _("subscribed"),
        "unsubscribed": _("unsubscribed"),
        "cleaned": _("cleaned"),
        "pending": _("pending"),
        "transactional": _("transactional"),
        "archived": _("archived"),
        "gone": _("deleted for good"),
    }.get(status, status)
