"""The sample company's customers, clean: who they are, before dirt and before their orders."""

from typing import Final

ANCHOR: Final = "TIMESTAMP '2026-11-01 00:00:00'"
"""The sample's "today": nothing in it happens later, whenever it is made."""

FIRST_ID: Final = 1_000_000

DRAWN: Final = """
CREATE TABLE drawn AS
SELECT i, c.code AS country, c.language, c.dial, c.postcode,
    CASE WHEN dice(i, 3, 100) < 7 THEN other.language ELSE c.language END AS name_language,
    dice(i, 4, 100) < 54 AS woman,
    dice(i, 5, c.cities) AS city, dice(i, 6, c.streets) AS street, dice(i, 7, c.domains) AS domain,
    (DATE '1944-01-01' + ((chance(i, 8) + chance(i, 9)) * 0.5 * 23500)::INTEGER) AS birthday,
    {anchor} - to_seconds(floor(224640000 * pow(chance(i, 10), 1.4))) AS created_at,
    CASE WHEN chance(i, 11) < 0.32 THEN 0
        ELSE least(60, 1 + floor(-5.63 * ln(1 - chance(i, 12))))::INTEGER END AS orders
FROM range({profiles}) AS people(i)
JOIN rolls ON rolls.roll = dice(i, 1, 1000)
JOIN countries AS c ON c.code = rolls.code
JOIN rolls AS foreign_roll ON foreign_roll.roll = dice(i, 2, 1000)
JOIN countries AS other ON other.code = foreign_roll.code
"""

NAMED: Final = """
CREATE TABLE named AS
WITH spelled AS (
    SELECT d.*, g.name AS first_name, f.name AS last_name, g.latin AS given, f.latin AS surname,
        city.value AS city_name, street.value AS street_name, domain.value AS domain_name
    FROM drawn AS d
    JOIN (SELECT language, woman, any_value("of") AS many FROM given GROUP BY ALL) AS gs
        ON gs.language = d.name_language AND gs.woman = d.woman
    JOIN given AS g ON g.language = d.name_language AND g.woman = d.woman
        AND g.n = least(dice(i, 20, gs.many), dice(i, 21, gs.many))
    JOIN (SELECT language, any_value("of") AS many FROM family GROUP BY ALL) AS fs
        ON fs.language = d.name_language
    JOIN family AS f ON f.language = d.name_language
        AND f.n = least(dice(i, 22, fs.many), dice(i, 23, fs.many))
    JOIN variants AS city ON city.code = d.country AND city.kind = 'cities' AND city.n = d.city
    JOIN variants AS street
        ON street.code = d.country AND street.kind = 'streets' AND street.n = d.street
    JOIN variants AS domain
        ON domain.code = d.country AND domain.kind = 'domains' AND domain.n = d.domain
), addressed AS (
    SELECT *, CASE
        WHEN dice(i, 24, 100) < 46 THEN given || '.' || surname
        WHEN dice(i, 24, 100) < 66 THEN left(given, 1) || surname
        WHEN dice(i, 24, 100) < 76 THEN given || '_' || surname
        WHEN dice(i, 24, 100) < 88 THEN given || strftime(birthday, '%y')
        ELSE surname || '-' || given END AS local
    FROM spelled
)
SELECT * EXCLUDE (local, domain_name),
    local || CASE WHEN nth > 1 THEN nth::VARCHAR ELSE '' END || '@' || domain_name AS email
FROM (
    SELECT *, row_number() OVER (PARTITION BY local, domain_name ORDER BY i) AS nth FROM addressed
)
"""

PROFILES: Final = """
SELECT {first_id} + n.i AS profile_id,
    {email} AS email,
    {first_name} AS first_name,
    {last_name} AS last_name,
    CASE WHEN chance(n.i, 40) < 0.12 THEN NULL WHEN n.woman THEN 'F' ELSE 'M' END AS gender,
    {country} AS country,
    CASE WHEN chance(n.i, 41) < 0.03 THEN NULL ELSE n.language END AS language,
    {street} AS street,
    {postal_code} AS postal_code,
    {city} AS city,
    {birthday} AS birthday,
    {phone} AS phone,
    CASE WHEN chance(n.i, 42) < 0.14 THEN NULL ELSE chance(n.i, 43) < 0.72 END AS consent_email,
    CASE WHEN chance(n.i, 44) < 0.35 THEN NULL ELSE chance(n.i, 45) < 0.41 END AS consent_sms,
    CASE WHEN coalesce(o.spent, 0) = 0 THEN NULL WHEN o.spent < 250 THEN 'Bronze'
        WHEN o.spent < 1000 THEN 'Silver' WHEN o.spent < 3000 THEN 'Gold'
        ELSE 'Platinum' END AS loyalty_tier,
    coalesce(o.spent, 0)::DECIMAL(12, 2) AS lifetime_value,
    coalesce(o.many, 0)::INTEGER AS order_count,
    list_filter(['hiking', 'skiing', 'home', 'coffee', 'kids', 'dogs'],
        lambda topic: chance(n.i, hash(topic)) < 0.22) AS interests,
    n.created_at,
    greatest(n.created_at, o.last_at, e.last_at) AS last_seen_at
FROM named AS n
LEFT JOIN spending AS o ON o.i = n.i
LEFT JOIN visits AS e ON e.i = n.i
LEFT JOIN named AS twin ON chance(n.i, 30) < 0.02 AND twin.i = n.i - 1 - dice(n.i, 31, 4000)
ORDER BY profile_id
"""
