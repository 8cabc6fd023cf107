"""Muster's rooms. What each module owns stands in its own docstring; the arrows point down only:

    app, pages  >  lib.ui | lib.cli  >  lib.config  >  lib.runs
                >  lib.mailchimp | lib.store | lib.warehouse | lib.channels
                >  lib.segments | lib.contacts  >  lib.sql | lib.sources
                >  lib.access | lib.settings | lib.cron | lib.formulas | lib.loopback
                >  lib.errors

``lib.practice`` is a program of its own: it imports none of the others and none imports it.
Only ``lib.ui`` knows Streamlit, only ``lib.mailchimp`` the official SDK, only ``lib.runs.worker``
DBOS. import-linter holds all of this in ``make test``.
"""
