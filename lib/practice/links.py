"""``_links``: where one can go from a resource, as every reply of the API says."""

HOST = "https://us1.api.mailchimp.com"


def links(path: str, *methods: str) -> list[dict[str, str]]:
    """Links of a resource at ``path`` (below ``/3.0``): itself, its parent, and its methods."""
    parent = path.rpartition("/")[0]
    found = [_link("self", path, "GET"), _link("parent", parent, "GET")]
    names = {"PATCH": "update", "POST": "create", "DELETE": "delete", "PUT": "upsert"}
    return found + [_link(names[method], path, method) for method in methods]


def _link(rel: str, path: str, method: str) -> dict[str, str]:
    return {
        "rel": rel,
        "href": f"{HOST}/3.0{path}",
        "method": method,
        "targetSchema": f"{HOST}/schema/3.0/Definitions/Root.json",
    }
