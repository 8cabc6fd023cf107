"""One member that is not taken: an error entry in a batch, a problem document when single."""

from lib.practice.problem import FieldFault, ProblemError

EXISTS, GENERIC = "ERROR_CONTACT_EXISTS", "ERROR_GENERIC"
"""The only two codes there are; everything but the first has to be told apart by its text."""

NOT_VALIDATED = (
    "The resource submitted could not be validated. "
    "For field-specific details, see the 'errors' array."
)
BAD_MERGE = "Your merge fields were invalid."


class RefusalError(Exception):
    """Why one member was not written: title and text, with the field at fault if there is one."""

    def __init__(
        self,
        text: str,
        *,
        title: str = "Invalid Resource",
        code: str = GENERIC,
        faults: tuple[FieldFault, ...] = (),
    ) -> None:
        super().__init__(title)
        self.text = text
        self.title = title
        self.code = code
        self.faults = faults

    def problem(self) -> ProblemError:
        """The same as the problem document of a call for a single member."""
        return ProblemError(400, self.title, self.text, *self.faults)


def compliance(email: str) -> RefusalError:
    """Somebody who unsubscribed, bounced, or is under review."""
    return RefusalError(
        f"{email} is in a compliance state due to unsubscribe, bounce, or compliance review "
        "and cannot be subscribed.",
        title="Member In Compliance State",
    )


def forgotten(email: str) -> RefusalError:
    """Somebody who was permanently deleted."""
    return RefusalError(
        f"{email} was permanently deleted and cannot be re-imported. "
        "The contact must re-subscribe to get back on the list.",
        title="Forgotten Email Not Subscribed",
    )


def too_many_signups(email: str) -> RefusalError:
    """An address that was subscribed to many lists within a short time."""
    return RefusalError(
        f"{email} has signed up to a lot of lists very recently; "
        "we're not allowing more signups for now"
    )


def exists(email: str) -> RefusalError:
    """Batch, without ``update_existing``."""
    return RefusalError(
        f"{email} is already a list member, do you want to update? "
        "please provide update_existing:true in the request body",
        code=EXISTS,
    )


def member_exists(email: str) -> ProblemError:
    """POST of somebody who is there, or a change to the address of somebody else."""
    return ProblemError(
        400,
        "Member Exists",
        f"{email} is already a list member. Use PUT to insert or update list members.",
    )


def not_validated(*faults: FieldFault) -> RefusalError:
    """A member of the wrong shape."""
    return RefusalError(NOT_VALIDATED, faults=faults)
