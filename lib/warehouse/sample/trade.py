"""What the sample company sells, who bought what, and what people did on its site."""

from typing import Final

import duckdb
import pyarrow as pa

_RANGE: Final = {
    "Outerwear": (149, "Shell jacket|Down jacket|Rain coat|Wool anorak|Softshell|Parka"),
    "Knitwear": (79, "Lopi sweater|Cardigan|Wool vest|Roll-neck|Base layer|Poncho"),
    "Footwear": (119, "Hiking boot|Ski boot|Clog|Rubber boot|Trail shoe|Slipper"),
    "Accessories": (24, "Mittens|Beanie|Scarf|Belt|Headlamp|Sunglasses"),
    "Camping": (89, "Tent|Sleeping bag|Stove|Lantern|Hammock|Cool box"),
    "Ski": (199, "Touring skis|Poles|Bindings|Wax kit|Pulk|Goggles"),
    "Kitchen": (39, "Cast-iron pan|Enamel pot|Waffle iron|Knife|Cutting board|Thermos"),
    "Coffee": (12, "Light roast|Dark roast|Kettle|Hand grinder|Filter papers|Cup"),
    "Home": (49, "Blanket|Candle|Rug|Cushion|Lamp|Basket"),
    "Kids": (34, "Play suit|Sledge|Wooden horse|Carrier|Bib|Rattle"),
    "Dogs": (29, "Harness|Dog bed|Lead|Dog coat|Chew bone|Bowl"),
    "Books": (19, "Trail guide|Cookbook|Map|Novel|Bird guide|Knitting book"),
}
_MODELS: Final = ("Fjell", "Skog", "Hav", "Vidde", "Elv")

ORDERS: Final = """
CREATE TABLE orders AS
SELECT (i * 64 + k)::BIGINT AS o, i,
    date_trunc('second', created_at + ({anchor} - created_at) * chance(i * 64 + k, 200))
        AS ordered_at,
    1 + floor(pow(chance(i * 64 + k, 201), 2.2) * {products})::INTEGER AS product_id,
    1 + (chance(i * 64 + k, 202) < 0.18)::INTEGER + (chance(i * 64 + k, 203) < 0.05)::INTEGER
        AS quantity
FROM (SELECT i, created_at, unnest(range(orders)) AS k FROM drawn)
"""

PRICED: Final = """
CREATE TABLE priced AS
SELECT o.i, o.o, o.ordered_at, o.product_id, o.quantity,
    CASE WHEN chance(o.o, 204) < 0.055 THEN 'returned' WHEN chance(o.o, 205) < 0.03 THEN 'cancelled'
        WHEN o.ordered_at > {anchor} - INTERVAL 3 DAY THEN 'paid'
        WHEN o.ordered_at > {anchor} - INTERVAL 8 DAY THEN 'shipped' ELSE 'delivered' END AS status,
    CASE WHEN chance(o.o, 206) < 0.58 THEN 'web' WHEN chance(o.o, 207) < 0.6 THEN 'app'
        ELSE 'store' END AS channel,
    round(p.price * o.quantity * CASE WHEN chance(o.o, 208) < 0.2 THEN 0.8 ELSE 1 END, 2)
        ::DECIMAL(10, 2) AS amount
FROM orders AS o JOIN products AS p USING (product_id)
"""

SPENDING: Final = """
CREATE TABLE spending AS
SELECT i, count(*) AS many, max(ordered_at) AS last_at,
    coalesce(sum(amount) FILTER (WHERE status IN ('paid', 'shipped', 'delivered')), 0) AS spent
FROM priced GROUP BY i
"""

ORDERS_FILE: Final = """
SELECT (5000000 + row_number() OVER (ORDER BY ordered_at, o))::BIGINT AS order_id,
    {first_id} + i AS profile_id, ordered_at, product_id, quantity, amount, status, channel
FROM priced ORDER BY i, ordered_at, o
"""
"""A profile's orders stand together, as segments ask for them: adding up by profile takes a third
of what it takes in order of time (observed with DuckDB 2.0)."""

EVENTS: Final = """
CREATE TABLE events AS
SELECT e, i, happened_at, CASE WHEN roll < 0.46 THEN 'visit' WHEN roll < 0.62 THEN 'search'
        WHEN roll < 0.72 THEN 'add_to_cart' WHEN roll < 0.78 THEN 'wishlist'
        WHEN roll < 0.94 THEN 'email_open' ELSE 'email_click' END AS kind,
    CASE WHEN roll BETWEEN 0.62 AND 0.78 OR roll < 0.2 THEN
        1 + floor(pow(chance(e, 220), 2.2) * {products})::INTEGER END AS product_id,
    CASE WHEN chance(e, 221) < 0.61 THEN 'phone' WHEN chance(e, 222) < 0.85 THEN 'computer'
        ELSE 'tablet' END AS device
FROM (
    SELECT e, d.i, chance(e, 223) AS roll, date_trunc('second',
        {anchor} - ({anchor} - created_at) * pow(chance(e, 224), 2.0)) AS happened_at
    FROM (SELECT e, (floor({profiles} * pow(chance(e, 225), 1.6))::BIGINT * 1000003)
            % {profiles} AS i
        FROM range({events}) AS all_events(e)) AS seen
    JOIN drawn AS d USING (i)
)
"""

VISITS: Final = (
    "CREATE TABLE visits AS SELECT i, max(happened_at) AS last_at FROM events GROUP BY i"
)

EVENTS_FILE: Final = """
SELECT (9000000 + row_number() OVER (ORDER BY happened_at, e))::BIGINT AS event_id,
    {first_id} + i AS profile_id, happened_at, kind, product_id, device
FROM events ORDER BY i, happened_at, e
"""


def add_products(connection: duckdb.DuckDBPyConnection) -> int:
    """Make the table of products, and return how many there are."""
    things = [
        (category, thing, model, price)
        for category, (price, names) in _RANGE.items()
        for thing in names.split("|")
        for model in _MODELS
    ]
    rows = [
        {"n": n, "name": f"{model} {thing.lower()}", "category": category, "base": price}
        for n, (category, thing, model, price) in enumerate(things)
    ]
    connection.register("rows", pa.Table.from_pylist(rows))
    connection.execute("""
        CREATE TABLE products AS
        SELECT (n + 1)::INTEGER AS product_id, printf('MU-%05d', 10000 + n * 7) AS sku, name,
            category, (floor(base * (0.55 + 1.1 * chance(n, 300))) + 0.9)::DECIMAL(8, 2) AS price,
            DATE '2017-03-01' + dice(n, 301, 3300)::INTEGER AS launched_on
        FROM rows ORDER BY n""")
    connection.unregister("rows")
    return len(rows)
