"""A stand-in for Mailchimp, a program of its own: ``python -m lib.practice``.

What is known of the Marketing API 3.0 is written here once, as behaviour, so that everything else
can be tried over real HTTP without an account. Where sources disagree, ``disputes`` names both
readings and lets the person who starts it choose.

    __main__      the command line
    app           what is served where          wire      sockets: listen, drop, stop
    exchange      one HTTP exchange, from arrival to reply
    auth slots latency faults       who may call, how many at once, how long it takes, what fails
    routes        paths to endpoints            endpoints/    one module per noun of the API
    world         everything that is remembered; disk keeps it across restarts
    audience columns member merge_field merge_value tag address      the nouns and their rules
    problem reply projection locale     what goes back over the wire
    opening filling                     what is there at first, and a million members in seconds
    admin oauth page                    the fault dial, the OAuth dance, a page for people
"""
