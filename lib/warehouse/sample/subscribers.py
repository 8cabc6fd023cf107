"""Who gets the sample company's newsletter already, for the practice Mailchimp to begin with.

One JSON object a line, in the words of Mailchimp's members. So a first plan has somebody to update,
to leave alone and to suppress: names that were spelled otherwise then, tiers of last year, people
who have left since.
"""

from typing import Final

FILE: Final = "subscribers.jsonl"

SUBSCRIBERS: Final = r"""
COPY (
    SELECT email_address,
        CASE WHEN dice(i, 501, 100) < 88 THEN 'subscribed' WHEN dice(i, 501, 100) < 94
            THEN 'unsubscribed' WHEN dice(i, 501, 100) < 97 THEN 'cleaned'
            WHEN dice(i, 501, 100) < 98 THEN 'pending' ELSE 'archived' END AS status,
        struct_pack(
            FNAME := CASE dice(i, 502, 20) WHEN 0 THEN left(first_name, 1) || '.'
                WHEN 1 THEN upper(first_name) ELSE first_name END,
            LNAME := CASE dice(i, 503, 20) WHEN 0 THEN NULL ELSE last_name END,
            COUNTRY := country,
            TIER := CASE dice(i, 504, 6) WHEN 0 THEN 'Bronze' ELSE loyalty_tier END
        ) AS merge_fields,
        CASE loyalty_tier WHEN 'Platinum' THEN ['VIP'] WHEN 'Gold' THEN ['Gold'] ELSE [] END AS tags
    FROM (
        SELECT profile_id - {first_id} AS i, trim(email) AS email_address, country, loyalty_tier,
            left(trim(first_name), 40) AS first_name, left(trim(last_name), 40) AS last_name
        FROM read_parquet({profiles_file})
        WHERE consent_email AND dice(profile_id, 500, 30) = 0
            AND regexp_full_match(trim(email), '[\w-]+(\.[\w-]+)*@[a-z0-9-]+\.[a-z]+')
            AND NOT regexp_matches(email, '(example\.[a-z]+|\.(test|invalid|local|con|cmo))\s*$')
        QUALIFY row_number() OVER (PARTITION BY lower(email_address) ORDER BY profile_id) = 1
    )
    ORDER BY i
) TO {subscribers_file} (FORMAT json)
"""
