"""Whom an export added: theirs alone it archives, and only in the audience where it added them."""

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.options import OnLeave, Options
from lib.runs import stages
from lib.runs.stages import Shop
from lib.store import exports, segments
from tests.proof.company import NAME, people
from tests.proof.works import Works

ARCHIVE = Options(on_leave=OnLeave.ARCHIVE)


def shrink(works: Works, to: str = "false") -> None:
    """Let the segment hold those profiles only."""
    sql = f"select profile_id from profiles where {to}"
    segments.edit(works.store, ME, "All", sql=sql)


def statuses(works: Works) -> dict[str, str]:
    return {email: member.status for email, member in works.hold().items()}


def test_an_export_that_moves_to_another_audience_owns_nobody_there(works: Works) -> None:
    works.profiles(people(3))
    export = works.export(NAME, ARCHIVE)
    works.push(export)
    first = works.audience_id
    works.new_audience()
    for i in range(3):
        works.join(f"p{i}@post.no", FNAME="Theirs")
    exports.edit(works.store, ME, export, audience_id=works.audience_id)
    shrink(works, "profile_id = 0")
    works.push(export)
    assert set(statuses(works).values()) == {"subscribed"}
    works.audience_id = first
    exports.edit(works.store, ME, export, audience_id=first)
    assert works.push(export).outcomes["left"] == 2
    assert statuses(works)["p1@post.no"] == "archived"


def test_who_was_added_by_others_while_the_run_was_on_is_never_archived_as_ours(
    works: Works,
) -> None:
    works.profiles(people(2))
    export = works.export(NAME, ARCHIVE)
    run = works.ask(works.ready(export))
    shop = Shop(works.store, works.settings)
    assert stages.check(shop, run.id)
    works.join("p0@post.no", LNAME="Signed up")
    assert stages.send(shop, run.id)
    assert stages.read_back(shop, run.id)
    assert works.run(run.id).outcomes["added"] == 2
    shrink(works)
    works.push(export)
    assert statuses(works) == {"p0@post.no": "subscribed", "p1@post.no": "archived"}


def test_who_was_refused_once_and_signs_up_by_themselves_is_a_contact_as_others_are(
    works: Works,
) -> None:
    works.profiles(people(2))
    export = works.export(NAME, Options())
    works.admin("faults", faults=[{"name": "reject-address"}])
    assert works.push(export).outcomes["rejected"] == 2
    works.calm()
    works.join("p0@post.no", FNAME="By form")
    run = works.push(export)
    assert (run.outcomes["updated"], run.outcomes["suppressed"]) == (1, 1)
    assert works.hold()["p0@post.no"].merge == {"FNAME": "N0"}
