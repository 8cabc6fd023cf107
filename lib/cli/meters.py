"""What fits: members of an export against its limit, contacts against the contract."""

from collections.abc import Callable

from lib.cli.output import say
from lib.errors import MusterError
from lib.runs.contract import Room


def tell_members(members: int, limit: int) -> None:
    """Say how many profiles an export holds, and what follows when it holds too many."""
    over = max(0, members - limit)
    if over:
        say(
            f"It holds {members:,} profiles, {over:,} more than one export may: it will not run. "
            "Narrow its segments, or spread them over several exports."
        )
    else:
        say(f"It holds {members:,} profiles of the {limit:,} that one export may.")


def measured(measure: Callable[[], Room | None]) -> dict[str, object] | None:
    """Measure a contract and say what there is to say; None without a limit, or an answer.

    What it is about is worth showing all the same, so a Mailchimp that does not answer is told.
    """
    try:
        room = measure()
    except MusterError as error:
        say(f"The contacts of the contract cannot be counted now: {error}")
        return None
    if room is None:
        return None
    adds = f" + {room.adds:,}" if room.adds else ""
    say(f"{room.held:,}{adds} of {room.limit:,} contacts of the contract.")
    if room.over:
        say(
            f"{room.over:,} contacts more than the contract with Mailchimp allows. "
            + ("Such a plan is refused." if room.blocks else "Mailchimp may charge for them.")
        )
    return {
        "limit": room.limit,
        "held": room.held,
        "adds": room.adds,
        "over": room.over,
        "blocks": room.blocks,
    }
