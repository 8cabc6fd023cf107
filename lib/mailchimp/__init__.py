"""The only code that speaks to Mailchimp.

``client.connect`` is the way in. The official SDK's API classes stay the surface (which calls exist
and what they take); ``transport`` carries them, ``reply`` checks every answer, ``retries`` repeats
what may be repeated, ``budget`` shares the ten connections of an account between all threads and
processes, ``parse`` turns answers into Arrow.
"""
