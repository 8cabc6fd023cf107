"""Configuration as code: what is written reads the same, and applying it changes nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.access import Person, Role
from lib.config import Office, applying, configuration, describing, writing
from lib.config.comparing import Change
from lib.config.configuration import Configuration
from lib.contacts.matching import ADDRESS_PARTS, FieldMatch, Matching
from lib.contacts.options import OnLeave, Options, StatusIfNew
from lib.errors import ForbiddenError, InputError, MatchingError, MusterError, RefusedError
from lib.runs.keeping import retention
from lib.settings import ROOT, Settings
from lib.sources import Source
from lib.sql import text as text_of
from lib.sql.gate import check_select
from lib.store import (
    Store,
    audit,
    channels,
    connections,
    consent,
    exports,
    open_store,
    refresh,
    rules,
    segments,
    sources,
)  # fmt: skip
from lib.store.guard import Guard

TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\r\t\"'\\"), max_size=40
)
NAME = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=20).map(
    lambda text: f"n {text}".strip()
)
URL = "https://hooks.slack.test/services/T0/s3cret"


@pytest.fixture
def office(settings: Settings) -> Iterator[Office]:
    with open_store(settings) as store:
        yield Office(settings, store, ME)


def apply(office: Office, text: str, *, dry_run: bool = False) -> tuple[Change, ...]:
    return applying.apply(office, configuration.parse(text), Path("/x"), dry_run=dry_run)


def connect(store: Store, *, shared: bool = False) -> None:
    # Nobody listens there, so whatever asked Mailchimp would fail.
    connections.add(store, ME, name="Main", api_key="0123abcd-us6", agreed=True,
                    api_url="http://127.0.0.1:9", shared=shared)  # fmt: skip


def furnish(store: Store, *, over_sample: bool = False) -> None:
    connect(store, shared=True)
    connections.add(store, ME, name="Vault", api_key="env:MAILCHIMP_VAULT", auth="reference",
                    agreed=True)  # fmt: skip
    connections.set_contract_limit(store, ME, "Main", 25_000)
    if not over_sample:
        sources.add(store, ME, Source("profiles", "/data/p.parquet", key="id"))
    segments.add(store, ME, name="Norway", sql="select 1\nwhere 'a' = \"b\"", description="No")
    exports.add(
        store, ME, name="News", connection="Main", audience_id="a1", segments=["Norway"],
        matching=Matching("mail", (
            FieldMatch("LNAME", "last", True), FieldMatch("FNAME", "first"),
            FieldMatch("ADDRESS", "street", parts=(("addr1", "street"), ("city", "town"))),
        )),
        options=Options(StatusIfNew.PENDING, False, OnLeave.UNTAG), schedule="0 6 * * 1-5",
        active=False, rails=Guard(most_added=5000, most_rejected_percent=2.5),
    )  # fmt: skip
    refresh.put(store, ME, "0 7 * * *")
    retention.choose(store, ME, 30)
    channels.add(store, ME, name="Chat", kind="webhook", target=URL)
    channels.add(store, ME, name="Ops", kind="mail", target="ops@muster.test", active=False)


def test_applying_what_was_written_changes_nothing(office: Office) -> None:
    furnish(office.store)
    text = writing.write(describing.describe(office))
    before = audit.verify(office.store, ME)
    assert {change.verb for change in apply(office, text)} == {"keep"}
    assert audit.verify(office.store, ME) == before
    assert "0123abcd" not in text and "s3cret" not in text
    assert "MAILCHIMP_KEY_MAIN" in text and "WEBHOOK_CHAT" in text
    assert 'api_key_ref = "env:MAILCHIMP_VAULT"' in text


guards = st.builds(
    Guard,
    st.none() | st.integers(0, 10**6),
    st.none() | st.integers(0, 10**6),
    st.none() | st.floats(0, 100, allow_nan=False),
    st.none() | st.floats(0, 1000, allow_nan=False),
)
matches = st.builds(
    FieldMatch, st.from_regex(r"[A-Z]{1,6}[0-9]{0,2}", fullmatch=True), NAME, st.booleans()
)


@st.composite
def matchings(draw: st.DrawFn) -> Matching:
    found = draw(st.lists(matches, max_size=4, unique_by=lambda one: one.tag))
    return Matching(draw(NAME), tuple(found))


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_configured_is_written_so_that_applying_it_changes_nothing(
    office: Office, data: st.DataObject
) -> None:
    store = office.store
    wipe(store)
    connect(store)
    named = data.draw(st.lists(NAME, min_size=1, max_size=3, unique_by=str.casefold))
    for name in named:
        try:
            sql = check_select(f"select {text_of(data.draw(TEXT))} as x")
            segments.add(store, ME, name=name, sql=sql, description=data.draw(TEXT))
        except MusterError:
            continue
    kept = [one.id for one in segments.all(store, ME)]
    for number in range(data.draw(st.integers(0, 2))):
        if kept:
            exports.add(
                store, ME, name=f"{named[0][:80]} {number}", audience_id="a1",
                connection=data.draw(st.sampled_from(["Main", ""])),
                segments=data.draw(st.permutations(kept)), matching=data.draw(matchings()),
                options=data.draw(st.builds(Options)), rails=data.draw(guards),
                schedule=data.draw(st.sampled_from(["", "off", "0 6 * * *"])),
                active=data.draw(st.booleans()),
            )  # fmt: skip
    if data.draw(st.booleans()):
        consent.withdraw(store, ME, "Main")
    text = writing.write(describing.describe(office))
    changed = [one for one in apply(office, text, dry_run=True) if one.verb != "keep"]
    assert changed == [], text


def wipe(store: Store) -> None:
    for export in exports.all(store, ME):
        exports.remove(store, ME, export.id)
    for segment in segments.all(store, ME):
        segments.remove(store, ME, segment.id)
    for connection in connections.all(store, ME):
        connections.remove(store, ME, connection.id)


def test_a_dry_run_tells_each_field_old_and_new_and_touches_nothing(office: Office) -> None:
    furnish(office.store)
    before = audit.verify(office.store, ME)
    (change,) = apply(
        office,
        '[[exports]]\nname = "news"\nconnection = "MAIN"\naudience = "a1"\nemail = "mail"\n'
        'segments = ["norway"]\non_leave = "nothing"\nmost_added = "none"\nactive = true\n',
        dry_run=True,
    )
    assert (change.verb, change.noun) == ("change", "export")
    assert {one.field: (one.old, one.new) for one in change.what} == {
        "on_leave": ("untag", "nothing"),
        "most_added": (5000, "none"),
        "active": (False, True),
    }
    assert audit.verify(office.store, ME) == before


def test_what_a_file_leaves_out_is_left_alone(office: Office) -> None:
    furnish(office.store)
    apply(
        office,
        '[[exports]]\nname = "News"\nconnection = "Main"\naudience = "a1"\nemail = "mail"\n'
        'segments = ["Norway"]\nschedule = "off"\nmost_removed = 7\n',
    )
    found = exports.get(office.store, ME, "News")
    assert found.schedule == "off"
    assert found.guard == Guard(most_added=5000, most_removed=7, most_rejected_percent=2.5)
    assert found.options.on_leave is OnLeave.UNTAG
    assert found.matching.fields[0].keep_filled and not found.active


NEWS = (
    '[[exports]]\nname = "News"\nconnection = "Main"\naudience = "a1"\nemail = "mail"\n'
    'segments = ["Norway"]\n'
)


def test_rules_are_approved_by_a_file_only_when_it_says_so(office: Office) -> None:
    furnish(office.store)
    apply(office, NEWS)
    assert not exports.get(office.store, ME, "News").rules_approved
    apply(office, f"{NEWS}approve_rules = true\n")
    found = exports.get(office.store, ME, "News")
    assert found.rules_approved and found.rules_approved_by == ME.email
    text = writing.write(describing.describe(office))
    assert "approve_rules = " not in text
    assert {change.verb for change in apply(office, text)} == {"keep"}
    assert exports.get(office.store, ME, "News").rules_approved
    apply(office, f"{NEWS}most_added = 9\n")
    assert not exports.get(office.store, ME, "News").rules_approved, "other rails, asked anew"
    apply(office, f"{NEWS}approve_rules = true\n")
    rules.withdraw_rules(office.store, ME, "News")
    apply(office, f"{NEWS}approve_rules = false\n")
    assert not exports.get(office.store, ME, "News").rules_approved


def test_a_changed_segment_is_approved_anew_in_the_same_go(office: Office) -> None:
    furnish(office.store, over_sample=True)
    text = f'{NEWS}approve_rules = true\n[[segments]]\nname = "Norway"\nsql = "select 2 as x"\n'
    apply(office, f"{NEWS}approve_rules = true\n")
    verbs = [(one.noun, one.verb) for one in apply(office, text)]
    assert verbs == [("segment", "change"), ("export", "change")]
    assert exports.get(office.store, ME, "News").rules_approved
    assert {one.verb for one in apply(office, text)} == {"keep"}


def test_a_withdrawn_consent_is_not_given_back_by_a_file(office: Office) -> None:
    furnish(office.store)
    consent.withdraw(office.store, ME, "Main")
    apply(office, '[[connections]]\nname = "Main"\ni_agree = true\nshare = ""\n')
    found = connections.get(office.store, ME, "Main")
    assert (found.agreed_at, found.shared) == (None, False)
    consent.agree(office.store, ME, "Main")
    (change,) = apply(office, '[[connections]]\nname = "Main"\ni_agree = false\n')
    assert [one.field for one in change.what] == ["consent"]
    assert connections.get(office.store, ME, "Main").agreed_at is None


def test_an_export_is_detached_and_attached_by_a_file(office: Office) -> None:
    furnish(office.store, over_sample=True)
    segments.edit(office.store, ME, "Norway", sql="select 'a@b.no' as mail")
    consent.withdraw(office.store, ME, "Main")
    exports.edit(office.store, ME, "News", active=True, matching=Matching("mail"))
    detached = NEWS.replace("Main", "")
    (change,) = apply(office, detached)
    assert {one.field: one.new for one in change.what} == {"connection": "", "active": False}
    found = exports.get(office.store, ME, "News")
    assert (found.connection_id, found.active, found.audience_id) == (None, False, "a1")
    assert {one.verb for one in apply(office, detached)} == {"keep"}
    with pytest.raises(InputError, match="cannot be active"):
        apply(office, f"{detached}active = true\n")
    apply(office, f"{NEWS}active = true\n")
    found = exports.get(office.store, ME, "News")
    assert (found.connection_name, found.active) == ("Main", True)


def test_a_new_export_without_a_connection_is_kept_detached(office: Office) -> None:
    segments.add(office.store, ME, name="Norway", sql="select 'a@b.no' as mail")
    text = NEWS.replace("Main", "")
    assert [one.verb for one in apply(office, text)] == ["add"]
    assert not exports.get(office.store, ME, "News").active
    assert {one.verb for one in apply(office, text)} == {"keep"}


def test_another_webhook_in_the_environment_replaces_the_one_kept(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(office.store)
    text = '[[channels]]\nname = "Chat"\nurl_env = "THE_HOOK"\n'
    assert apply(office, text)[0].verb == "keep"
    monkeypatch.setenv("THE_HOOK", f"{URL}Too")
    (change,) = apply(office, text)
    assert "s3cret" not in str(change)
    kept = channels.get(office.store, ME, "Chat")
    assert channels.target(office.store, kept.id) == f"{URL}Too"
    assert apply(office, text)[0].verb == "keep"


@pytest.mark.parametrize(
    ("text", "kind", "hint"),
    [
        (NEWS.replace("Norway", "Nowhere"), InputError, "exports[1] “News”: there is no segment"),
        (NEWS.replace("Main", "Nobody"), InputError, "exports[1] “News”: there is no connection"),
        (f'{NEWS}schedule = "99 * * * *"\n', InputError, "exports[1].schedule: "),
        (f'{NEWS}{NEWS}', InputError, "exports[2] “News”: the name is there twice"),
        (f"{NEWS}fields = {{ A = {{ addr9 = 'x' }} }}\n", InputError, "an address has no addr9"),
        (f"{NEWS}most_added = -1\n", InputError, "exports[1].most_added"),
        ('[[segments]]\nname = "S"\n', InputError, "segments[1] “S”: a new segment needs"),
        ('[[segments]]\nname = "S"\nsql = "drop table x"\n', InputError, "segments[1] “S”: "),
        ('[[segments]]\nname = "S"\nsql_file = "no.sql"\n', InputError, "segments[1] “S”: "),
        ('[[connections]]\nname = "N"\ni_agree = true\n', InputError, "connections[1] “N”: say in"),
        ('[[connections]]\nname = "N"\napi_key_env = "NO_KEY"\n', InputError, "NO_KEY is empty"),
        ('[[connections]]\nname = "N"\napi_key_ref = "secret:n"\n', RefusedError, "i_agree"),
        ('[[channels]]\nname = "C"\n', InputError, "channels[1] “C”: a channel needs one"),
        ('[[channels]]\nname = "C"\nurl_env = "NO_URL"\n', InputError, "NO_URL is empty"),
        ('refresh = "every day"\n', InputError, "refresh: "),
        ('refresh = "off"\n', InputError, "refresh: "),
        ("retention_days = -1\n", InputError, "retention_days: "),
        ("retention_days = 999999\n", InputError, "retention_days: "),
        (f"{NEWS}most_rejected_percent = 150\n", InputError, "exports[1].most_rejected_percent"),
        (f"{NEWS}most_deviation_percent = inf\n", InputError, "[1].most_deviation_percent"),
        (f"{NEWS}most_added = 1{'0' * 30}\n", InputError, "exports[1].most_added"),
        (NEWS.replace("a1", " "), InputError, "exports[1] “News”: Choose an audience"),
        (NEWS.replace('"mail"', '""'), InputError, "exports[1] “News”: Choose the column"),
        (NEWS.replace("News", "N" * 101), InputError, "use at most 100"),
        ('[[connections]]\nname = "N"\ni_agree = true\napi_key_ref = "env:PATH"\n', InputError,
         "connections[1] “N”: Refer to a key"),
        ('[[connections]]\nname = "N"\ni_agree = true\napi_key_ref = "secret:n"\n'
         'api_url = "nowhere"\n', InputError, "connections[1] “N”: The API's URL"),
        ('[[connections]]\nname = "N"\ni_agree = true\napi_key_env = "HOME"\n', MusterError,
         "connections[1] “N”: "),
        ('[[channels]]\nname = "C"\nmail = "nobody"\n', InputError, "channels[1] “C”: Give one"),
        ('[[channels]]\nname = "C"\nurl_env = "HOME"\n', InputError, "channels[1] “C”: A webhook"),
        ('[[sources]]\nname = "select"\nlocation = "x.csv"\n', InputError, "sources[1] “select”"),
        ('[[sources]]\nname = "t"\nlocation = "nothing.csv"\n', InputError, "There is no file"),
        ('[[sources]]\nname = "t"\nlocation = "x.parquet"\n', InputError, "no Parquet file"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_place_and_changes_nothing(
    office: Office, text: str, kind: type[MusterError], hint: str
) -> None:
    furnish(office.store)
    before = audit.verify(office.store, ME)
    good = '[[segments]]\nname = "Good"\nsql = "select 1 as x"\n'
    whole = f"{text}{good}" if text.startswith("re") else f"{good}{text}"
    with pytest.raises(kind) as refused:
        apply(office, whole)
    assert hint.replace("segments[1]", "segments[2]") in str(refused.value)
    assert audit.verify(office.store, ME) == before


def test_what_fails_on_the_way_says_what_was_done_before(office: Office) -> None:
    furnish(office.store, over_sample=True)
    good = '[[segments]]\nname = "Good"\nsql = "select 1 as x"\n'
    bad = '[[segments]]\nname = "Bad"\nsql = "select nope from nowhere"\n'
    with pytest.raises(InputError) as refused:
        apply(office, good + bad)
    assert "segments[2] “Bad”: " in str(refused.value)
    assert "Done before it: segment Good." in str(refused.value)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CONTRIBUTOR])
def test_only_administrators_apply_and_write_it(office: Office, role: Role) -> None:
    other = Office(office.settings, office.store, Person("o@muster.test", "O", role))
    with pytest.raises(ForbiddenError):
        describing.describe(other)
    with pytest.raises(ForbiddenError):
        apply(other, "", dry_run=True)


@given(
    st.builds(
        Configuration,
        refresh=st.sampled_from([None, "", "0 6 * * *"]),
        retention_days=st.none() | st.integers(0, 999),
        segments=st.lists(
            st.builds(
                configuration.SegmentTable,
                name=NAME,
                description=TEXT,
                sql=TEXT,
                sql_file=st.none(),
                rules=TEXT,
                rules_file=st.none(),
            ),
            max_size=2,
        ).map(tuple),
        exports=st.lists(
            st.builds(
                configuration.ExportTable,
                name=NAME,
                connection=TEXT,
                audience=TEXT,
                email=TEXT,
                segments=st.lists(TEXT, min_size=1, max_size=3).map(tuple),
                fields=st.dictionaries(
                    TEXT.map(str.upper),
                    TEXT | st.dictionaries(st.sampled_from(ADDRESS_PARTS), TEXT, max_size=2),
                    max_size=2,
                ),
                schedule=st.just("off"),
                approve_rules=st.just(False),
                most_added=st.just("none") | st.integers(0, 9),
                most_rejected_percent=st.just("none") | st.floats(0, 9),
            ),
            max_size=2,
        ).map(tuple),
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_reads_the_same(wanted: Configuration) -> None:
    read = configuration.parse(writing.write(wanted))
    assert read.model_dump() == wanted.model_dump()


def test_variables_are_named_after_things() -> None:
    assert describing.variable("WEBHOOK", "Ærlig chat (1)") == "WEBHOOK_RLIG_CHAT_1"
    assert describing.variable("WEBHOOK", "聊天") == "WEBHOOK"


def test_the_example_of_the_documentation_can_be_read() -> None:
    read = configuration.read(ROOT / "docs" / "muster-setup.example.toml")
    assert read.exports[0].draft().matching.fields[-1].parts[0] == ("addr1", "street")
    assert configuration.parse(writing.write(read)).model_dump() == read.model_dump()


def test_what_is_kept_where_filled_has_to_be_fed(office: Office) -> None:
    furnish(office.store, over_sample=True)
    segments.edit(office.store, ME, "Norway", sql="select 'a@b.no' as mail, 'A' as first")
    before = audit.verify(office.store, ME)
    with pytest.raises(MatchingError, match="“News”: Nothing feeds LNAME, PHONE, so "):
        apply(office, f'{NEWS}last_name = ""\nfields = {{}}\nkeep_filled = ["phone", "LNAME"]\n')
    assert audit.verify(office.store, ME) == before

    consent.withdraw(office.store, ME, "Main")
    apply(office, f'{NEWS}last_name = ""\nfields = {{}}\n')
    assert exports.get(office.store, ME, "News").matching.fields == (FieldMatch("FNAME", "first"),)
    apply(office, f'{NEWS}keep_filled = ["fname"]\n')
    assert exports.get(office.store, ME, "News").matching.fields[0].keep_filled
