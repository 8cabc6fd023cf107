from tests.practice.conftest import Api


def header(api: Api, text: str) -> tuple[int, dict[str, str]]:
    reply = api.session.get(f"{api.url}/3.0/ping", headers={"Authorization": text}, timeout=5)
    return reply.status_code, reply.json()


def test_the_key_has_the_form_of_a_real_one(api: Api) -> None:
    random, _, centre = api.key.partition("-")
    assert (len(bytes.fromhex(random)), centre) == (16, "us1")


def test_any_user_name_will_do_and_so_will_bearer(api: Api) -> None:
    for user in ("", "anybody", "Ærlig"):
        api.ask("GET", "/ping", auth=(user.encode(), api.key.encode()))
    assert header(api, f"Bearer {api.key}")[0] == 200
    assert header(api, f"OAuth {api.key}")[0] == 200


def test_without_a_key_nothing_is_answered(api: Api) -> None:
    for text in ("", "Basic", "Basic %%%", "Digest abc", "Basic bm9jb2xvbg=="):
        status, problem = header(api, text)
        assert (status, problem["title"]) == (401, "API Key Missing")
        assert problem["detail"] == "Your request did not include an API key."


def test_a_wrong_key_may_also_be_one_of_another_data_centre(api: Api) -> None:
    status, problem = header(api, "Bearer " + "0" * 32 + "-us1")
    assert (status, problem["title"]) == (401, "API Key Invalid")
    assert problem["detail"] == (
        "Your API key may be invalid, or you've attempted to access the wrong datacenter."
    )
    status, problem = header(api, "Bearer " + "0" * 32 + "-us6")
    assert (status, problem["title"]) == (403, "Forbidden")
    assert problem["detail"] == "The API key provided is linked to datacenter 'us6'"


def test_the_account_names_itself_and_counts_its_subscribers(api: Api) -> None:
    account = api.get("/", fields="account_name,total_subscribers,pricing_plan_type")
    assert account["total_subscribers"] == 7
    assert set(account) == {"account_name", "total_subscribers", "pricing_plan_type"}


def test_a_stranger_to_a_path_is_told_about_the_key_first(api: Api) -> None:
    assert api.send("GET", "/nothing", auth=None).status_code == 401
