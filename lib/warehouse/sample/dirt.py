"""What is wrong with the sample's data, as it is with real data: one expression per column.

``n`` is the clean person, ``twin`` another one whose address this profile shares. The shares are
of all profiles; each has a salt of its own, so the kinds of dirt mix.
"""

from typing import Final

_EMAIL: Final = """CASE
        WHEN chance(n.i, 50) < 0.025 THEN NULL
        WHEN chance(n.i, 51) < 0.005 THEN ''
        WHEN twin.email IS NOT NULL THEN
            CASE dice(n.i, 52, 3) WHEN 0 THEN twin.email WHEN 1 THEN upper(twin.email)
            ELSE twin.email || ' ' END
        WHEN chance(n.i, 53) < 0.012 THEN CASE dice(n.i, 54, 9)
            WHEN 0 THEN replace(n.email, '@', '')
            WHEN 1 THEN replace(n.email, '@', '@@')
            WHEN 2 THEN n.email || '.'
            WHEN 3 THEN replace(n.email, '.', ' ')
            WHEN 4 THEN split_part(n.email, '.', 1) || '@'
            WHEN 5 THEN replace(n.email, '.', ',')
            WHEN 6 THEN replace(n.email, '@', ' at ')
            WHEN 7 THEN 'ikke oppgitt'
            ELSE replace(n.email, '@', '..@') END
        WHEN chance(n.i, 55) < 0.003 THEN split_part(n.email, '@', 1)
            || CASE dice(n.i, 56, 4) WHEN 0 THEN '@example.com' WHEN 1 THEN '@test.com'
                WHEN 2 THEN '@example.org' ELSE '@domain.test' END
        WHEN chance(n.i, 57) < 0.003 THEN
            CASE dice(n.i, 58, 4) WHEN 0 THEN 'info' WHEN 1 THEN 'post' WHEN 2 THEN 'noreply'
                ELSE 'abuse' END || '@' || n.surname || n.i::VARCHAR || '-firma.'
            || lower(n.country)
        WHEN chance(n.i, 59) < 0.0005 THEN repeat('lang', 17) || n.email
        WHEN chance(n.i, 60) < 0.007 THEN upper(n.email)
        WHEN chance(n.i, 61) < 0.02 THEN
            upper(left(n.email, 1)) || substr(n.email, 2)
        WHEN chance(n.i, 62) < 0.012 THEN
            CASE dice(n.i, 63, 3) WHEN 0 THEN ' ' || n.email WHEN 1 THEN n.email || '  '
                ELSE chr(160) || n.email || chr(10) END
        ELSE n.email END"""

_FIRST_NAME: Final = """CASE
        WHEN chance(n.i, 70) < 0.02 THEN NULL
        WHEN chance(n.i, 71) < 0.015 THEN ''
        WHEN chance(n.i, 72) < 0.03 THEN upper(n.first_name)
        WHEN chance(n.i, 73) < 0.03 THEN lower(n.first_name)
        WHEN chance(n.i, 74) < 0.012 THEN '  ' || n.first_name || ' '
        WHEN chance(n.i, 75) < 0.0004 THEN repeat(n.first_name || ' ', 60)
        WHEN chance(n.i, 76) < 0.002 THEN '-'
        WHEN chance(n.i, 77) < 0.002 THEN n.first_name || ' & ' || n.last_name
        ELSE n.first_name END"""

_LAST_NAME: Final = """CASE
        WHEN chance(n.i, 80) < 0.015 THEN NULL
        WHEN chance(n.i, 81) < 0.01 THEN ''
        WHEN chance(n.i, 82) < 0.03 THEN upper(n.last_name)
        WHEN chance(n.i, 83) < 0.02 THEN lower(n.last_name)
        WHEN chance(n.i, 84) < 0.01 THEN n.last_name || chr(9)
        WHEN chance(n.i, 85) < 0.0004 THEN repeat(n.last_name || '-', 50)
        WHEN chance(n.i, 86) < 0.002 THEN n.last_name || ' (død)'
        ELSE n.last_name END"""

_COUNTRY: Final = """CASE
        WHEN chance(n.i, 90) < 0.01 THEN NULL
        WHEN chance(n.i, 91) < 0.008 THEN lower(n.country)
        ELSE n.country END"""

_STREET: Final = """CASE
        WHEN chance(n.i, 100) < 0.18 THEN NULL
        WHEN chance(n.i, 101) < 0.01 THEN upper(replace(n.street_name, '#', 'XX'))
        ELSE replace(n.street_name, '#', (1 + dice(n.i, 102, 120))::VARCHAR) END"""

_POSTAL_CODE: Final = """CASE
        WHEN chance(n.i, 100) < 0.18 OR chance(n.i, 103) < 0.02 THEN NULL
        ELSE translate(
            replace(n.postcode, 'AA', chr(65 + dice(n.i, 104, 26)) || chr(65 + dice(n.i, 105, 26))),
            '9A', '#' || chr(65 + dice(n.i, 106, 26)))
        .regexp_replace('#', dice(n.i, 107, 10)::VARCHAR)
        .regexp_replace('#', dice(n.i, 108, 10)::VARCHAR)
        .regexp_replace('#', dice(n.i, 109, 10)::VARCHAR)
        .regexp_replace('#', dice(n.i, 110, 10)::VARCHAR)
        .replace('#', dice(n.i, 111, 10)::VARCHAR) END"""

_CITY: Final = """CASE
        WHEN chance(n.i, 100) < 0.17 THEN NULL
        WHEN chance(n.i, 112) < 0.02 THEN upper(n.city_name)
        WHEN chance(n.i, 113) < 0.01 THEN n.city_name || ' '
        ELSE n.city_name END"""

_BIRTHDAY: Final = """CASE
        WHEN chance(n.i, 120) < 0.28 THEN NULL
        WHEN chance(n.i, 121) < 0.003 THEN DATE '1900-01-01'
        WHEN chance(n.i, 122) < 0.0005 THEN DATE '2031-02-11'
        ELSE n.birthday END"""

_PHONE: Final = """CASE
        WHEN chance(n.i, 130) < 0.35 THEN NULL
        WHEN chance(n.i, 131) < 0.005 THEN 'n/a'
        ELSE CASE dice(n.i, 132, 4) WHEN 0 THEN '+' || n.dial || ' ' WHEN 1 THEN '+' || n.dial
            WHEN 2 THEN '00' || n.dial ELSE '0' END
            || (400 + dice(n.i, 133, 600))::VARCHAR
            || CASE WHEN dice(n.i, 134, 2) = 0 THEN ' ' ELSE '' END
            || lpad(dice(n.i, 135, 100000)::VARCHAR, 5, '0') END"""

DIRT: Final = {
    "email": _EMAIL,
    "first_name": _FIRST_NAME,
    "last_name": _LAST_NAME,
    "country": _COUNTRY,
    "street": _STREET,
    "postal_code": _POSTAL_CODE,
    "city": _CITY,
    "birthday": _BIRTHDAY,
    "phone": _PHONE,
}
"""Per column of the profiles, the SQL that gives it."""
