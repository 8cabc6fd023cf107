"""Problem documents: how the API says no."""

import json
from dataclasses import dataclass
from http import HTTPStatus

DOCUMENTATION = "https://mailchimp.com/developer/marketing/docs/errors/"

# Recorded replies of these three lack ``type``, although the specification requires it.
TITLES_WITHOUT_TYPE = frozenset(
    {"Member Exists", "Member In Compliance State", "Forgotten Email Not Subscribed"}
)


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One entry of a problem's ``errors``: which field, and what is wrong with it."""

    field: str
    message: str


class ProblemError(Exception):
    """A request that is refused as a whole, with the words Mailchimp uses."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *faults: FieldFault,
        allow: tuple[str, ...] = (),
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.detail = detail
        self.faults = faults
        self.allow = allow

    def document(self, instance: str) -> bytes:
        """The problem as JSON; ``instance`` is the request id that the header carries as well."""
        body: dict[str, object] = {"type": DOCUMENTATION}
        if self.title in TITLES_WITHOUT_TYPE:
            body = {}
        body |= {
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
        }
        if self.faults:
            body["errors"] = [{"field": f.field, "message": f.message} for f in self.faults]
        return json.dumps(body).encode()


def not_found() -> ProblemError:
    """An unknown audience, member, tag or path: they cannot be told apart."""
    return ProblemError(404, "Resource Not Found", "The requested resource could not be found.")


def wrong_method(*allowed: str) -> ProblemError:
    """A path that exists, asked with a method that it does not know."""
    return ProblemError(
        405,
        "Method Not Allowed",
        f"The requested method and resource are not compatible. See the Allow header for this "
        f"resource's available methods: {', '.join(allowed)}.",
        allow=allowed,
    )


def invalid(detail: str, *faults: FieldFault) -> ProblemError:
    """A body that was understood and is not accepted."""
    return ProblemError(HTTPStatus.BAD_REQUEST, "Invalid Resource", detail, *faults)


def schema_fault(*faults: FieldFault) -> ProblemError:
    """A body whose shape is wrong; what exactly stands in the field faults."""
    return invalid(
        "The resource submitted could not be validated. "
        "For field-specific details, see the 'errors' array.",
        *faults,
    )


def json_fault() -> ProblemError:
    """A body that is not JSON."""
    return ProblemError(
        400,
        "JSON Parse Error",
        "We encountered an unspecified JSON parsing error.",
    )
