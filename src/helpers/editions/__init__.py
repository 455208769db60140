"""Editions: what was published is what a reader may hold for ever, so it is kept, and later editions never undo it.

ledger.py: the append-only list of what went out, one per borough, and reading it back. settling.py: what a later
edition may tell beside the earlier ones; arithmetic on frames. locking.py: one process at a time.
"""

from helpers.editions.ledger import (
    LedgerError,
    earlier_editions,
    editions_summary,
    note_revisions,
    publishing_edition,
    record_edition,
)
from helpers.editions.settling import put_together, revisions, settle

__all__ = [
    "LedgerError",
    "earlier_editions",
    "editions_summary",
    "note_revisions",
    "publishing_edition",
    "put_together",
    "record_edition",
    "revisions",
    "settle",
]
