"""How whole calls fail: what the faults of the dial put in the place of a proper reply."""

from collections.abc import Callable

from lib.practice.disputes import Disputes
from lib.practice.problem import ProblemError
from lib.practice.reply import HTML, PROBLEM, Reply

BLOCK_PAGE = (
    "<html><head><title>Request Blocked</title></head><body><h1>Request Blocked</h1>"
    "<p>Request Blocked. We had to block your request because of something that looked "
    "suspicious.</p><p>Reference #18.2f3a1602.1579000000.1a2b3c4d</p></body></html>"
)
_PAGE = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
    "<hr><center>openresty</center>\r\n</body>\r\n</html>\r\n"
)


def internal_error() -> ProblemError:
    """500, with the words of the error glossary."""
    return ProblemError(
        500,
        "Internal Server Error",
        "An unexpected internal error has occurred. Please contact Support for more information.",
    )


def throttled(disputes: Disputes, request_id: str) -> Reply:
    """The eleventh simultaneous connection."""
    if disputes.throttled == "bare":
        return _bare(429)
    text = "You have exceeded the limit of 10 simultaneous connections."
    return _problem(ProblemError(429, "Too Many Requests", text), request_id)


def gateway_timeout(_: str) -> Reply:
    """504: the work took longer than the gateway waits."""
    return _page(504, "504 Gateway Time-out")


def _bare(status: int) -> Reply:
    return Reply(status, b"", "")


def _page(status: int, title: str) -> Reply:
    return Reply(status, _PAGE.format(title).encode(), HTML)


def _problem(problem: ProblemError, request_id: str) -> Reply:
    return Reply(problem.status, problem.document(request_id), PROBLEM)


def _truncated(reply: Reply | None, _: str) -> Reply | None:
    if reply is None or reply.status != 200:
        return reply
    return Reply(200, reply.body[: max(1, len(reply.body) * 2 // 3)], reply.media)


BEFORE: dict[str, Callable[[str], Reply | None]] = {
    "bare-429": lambda _: _bare(429),
    "bare-403": lambda _: _bare(403),
    "problem-429": lambda request_id: throttled(Disputes(), request_id),
    "400": lambda request_id: _problem(
        ProblemError(400, "Bad Request", "Your request could not be processed."), request_id
    ),
    "500": lambda request_id: _problem(internal_error(), request_id),
    "502-html": lambda _: _page(502, "502 Bad Gateway"),
    "503-html": lambda _: Reply(503, BLOCK_PAGE.encode(), HTML),
    "reset-before": lambda _: None,
    "key-revoked": lambda request_id: _problem(
        ProblemError(403, "User Disabled", "API Access has been disabled for this account."),
        request_id,
    ),
    "low-role": lambda request_id: _problem(
        ProblemError(
            403,
            "User action not permitted",
            "User does not have access to the requested operation",
        ),
        request_id,
    ),
    "disabled-method": lambda request_id: _problem(
        ProblemError(503, "Compliance Related", "This method has been disabled."), request_id
    ),
}
"""Instead of the work; None drops the connection."""

AFTER: dict[str, Callable[[Reply | None, str], Reply | None]] = {
    "504-html": lambda _, request_id: gateway_timeout(request_id),
    "truncated-json": _truncated,
    "reset-after": lambda _, __: None,
}
"""In place of the reply, when the work is done."""
