"""Long work, in the order of a run: ``audience``, ``plan``, ``sending``, ``after``, ``keeping``.

People order at the ``desk``; the ``worker`` carries out in ``stages``. What is beside them serves
every room: ``local`` (work in a private DuckDB, files that appear whole), ``opening``, ``files``.
"""
