"""What people configure and what happened, in one relational database.

Each noun is a module whose functions take the store, and who acts where rights matter. Every
change a person makes checks their rights and writes the audit log in the same transaction.
"""

from lib.store.database import Store, open_store

__all__ = ["Store", "open_store"]
