"""The account: the API's root, and its pulse."""

from lib.practice.call import Call
from lib.practice.links import links
from lib.practice.member import SUBSCRIBED
from lib.practice.reply import Reply, document
from lib.practice.timestamp import write_time

ACCOUNT_ID = "practice0001"


def ping(_: Call) -> Reply:
    """GET /ping."""
    return document({"health_status": "Everything's Chimpy!"})


def show(call: Call) -> Reply:
    """GET /."""
    world = call.world
    audiences = world.audiences.values()
    subscribers = sum(one.members.count_statuses()[SUBSCRIBED] for one in audiences)
    opened = write_time(int(world.account["opened"]))
    return document(
        call.projection().apply(
            {
                "account_id": ACCOUNT_ID,
                "login_id": "practice-login",
                "account_name": "Nordlys Handel (practice)",
                "email": "practice@nordlys.no",
                "first_name": "Nora",
                "last_name": "Practice",
                "username": "nordlys-practice",
                "avatar_url": "",
                "role": "owner",
                "member_since": opened,
                "pricing_plan_type": "monthly",
                "first_payment": opened,
                "account_timezone": "Europe/Oslo",
                "account_industry": "Retail",
                "contact": {
                    "company": "Nordlys Handel AS",
                    "addr1": "Storgata 1",
                    "addr2": "",
                    "city": "Oslo",
                    "state": "Oslo",
                    "zip": "0155",
                    "country": "NO",
                },
                "pro_enabled": False,
                "last_login": opened,
                "total_subscribers": subscribers,
                "industry_stats": {"open_rate": 0.2, "bounce_rate": 0.01, "click_rate": 0.02},
                "_links": links("/"),
            }
        )
    )
