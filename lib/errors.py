"""Every error Muster raises on purpose, drawn by who can act on it.

    MusterError
    ├── InputError            the person who typed it: change the input        (exit 2)
    │   ├── SqlError              a query that is not one SELECT, or that the engine refuses
    │   ├── RuleError             a rule of a segment that cannot become SQL
    │   ├── MatchingError         data matching that cannot feed this audience
    │   ├── NotFoundError         a name nothing goes by
    │   └── NameTakenError        a name something else goes by
    ├── RefusedError          someone with more rights: a rule says no   (exit 3)
    │   ├── ForbiddenError        the role may not do this
    │   ├── OverLimitError        more profiles or contacts than allowed
    │   ├── InUseError            something else depends on it, or works on it right now
    │   └── NotApprovedError      no person has said yes to this plan
    ├── SetupError            whoever runs this installation: settings, disk, files    (exit 1)
    │   ├── SettingsError         a setting that is missing or malformed
    │   ├── StateInUseError       another process holds the state directory
    │   ├── StorageError          the disk is full, or a file cannot be read or written
    │   ├── ChannelError          a webhook or mail server does not take notices
    │   └── SourceError           a source of the warehouse cannot be read
    ├── MailchimpError        Mailchimp or the connection to it                (exit 1)
    │   ├── CredentialsError      the key is wrong, revoked, of another data centre, or lacks rights
    │   ├── MissingError          no such audience, member or path
    │   ├── RequestError          Mailchimp understood and refuses this request
    │   ├── AccountError          Mailchimp refuses whatever is sent: the account or the audience
    │   ├── ThrottledError        too many connections at once: later, and fewer
    │   ├── UnavailableError      no answer, a broken answer, or 5xx: later
    │   └── InDoubtError          a write whose reply was lost: it may have been applied
    └── StoppedError          a person or a time limit ended the work          (exit 1)
        ├── CancelledError        a person pressed cancel
        └── TimeLimitError        the work took longer than it may

``str(error)`` is one clear sentence for people that says what to do. It never holds an address,
a key, or a traceback.
"""

from collections.abc import Sequence


class MusterError(Exception):
    """The common root; ``exit_status`` is what the command line ends with."""

    exit_status = 1


class InputError(MusterError):
    """What was typed cannot be used; typing something else helps."""

    exit_status = 2


class SqlError(InputError):
    """A query that is not one read-only SELECT, or that the engine does not understand."""


class MemoryLimitError(SqlError):
    """The query needs more memory than it may use."""


class RuleError(InputError):
    """A segment rule that cannot become SQL."""


class MatchingError(InputError):
    """Data matching that cannot feed this audience."""


class NotFoundError(InputError):
    """Nothing goes by this name."""


class NameTakenError(InputError):
    """Something else already goes by this name."""


class RefusedError(MusterError):
    """A rule or a limit says no."""

    exit_status = 3


class ForbiddenError(RefusedError):
    """The person's role may not do this."""


class OverLimitError(RefusedError):
    """More profiles or contacts than allowed."""


class InUseError(RefusedError):
    """Something depends on it, or works on it right now."""


class NotApprovedError(RefusedError):
    """No person has said yes to this plan."""


class SetupError(MusterError):
    """The installation needs attention from whoever runs it."""


class SettingsError(SetupError):
    """A setting is missing or malformed; the message names the key."""


class StateInUseError(SetupError):
    """Another process holds the state directory."""


class StorageError(SetupError):
    """The disk is full, or a file of ours cannot be read or written."""


class ChannelError(SetupError):
    """A webhook or mail server does not take notices."""


class SourceError(SetupError):
    """A source of the warehouse cannot be read."""


class MailchimpError(MusterError):
    """Mailchimp, or the way to it, is the cause.

    Args:
        sentence: what to show to people.
        status: HTTP status, or None when no reply came.
        title: ``title`` of Mailchimp's problem document.
        detail: ``detail`` of Mailchimp's problem document.
        fields: (field, message) pairs of its ``errors``.
        request_id: ``X-Request-Id`` of the reply, for Mailchimp's support.
    """

    def __init__(
        self,
        sentence: str,
        *,
        status: int | None = None,
        title: str = "",
        detail: str = "",
        fields: Sequence[tuple[str, str]] = (),
        request_id: str = "",
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.title = title
        self.detail = detail
        self.fields = tuple(fields)
        self.request_id = request_id


class CredentialsError(MailchimpError):
    """The key is wrong, revoked, of another data centre, or lacks rights."""


class MissingError(MailchimpError):
    """No such audience, member or path."""


class RequestError(MailchimpError):
    """Mailchimp understood the request and refuses it."""


class AccountError(MailchimpError):
    """Mailchimp refuses every contact alike, so that none of them is the cause."""


class ThrottledError(MailchimpError):
    """Too many connections at once."""


class UnavailableError(MailchimpError):
    """No answer, a broken answer, or a 5xx; nothing was written."""


class InDoubtError(MailchimpError):
    """A write whose reply was lost: it may have been applied."""


class StoppedError(MusterError):
    """A person or a time limit ended the work."""


class CancelledError(StoppedError):
    """A person pressed cancel."""


class TimeLimitError(StoppedError):
    """The work took longer than it may."""
