"""Disclosure control: small numbers hidden, and with them what would give them away.

Arithmetic on frames: opens no file, knows no borough. lines.py: counts, totals' shares and their breakdowns.
group_shares.py: each group's own share of a measure, released after and never at the cost of what lines.py released.
slack.py: how far a hidden number could be moved with every number that is shown left as it is.
"""

from helpers.disclosure.group_shares import Rules, release_group_shares
from helpers.disclosure.lines import SMALLEST, release

__all__ = ["SMALLEST", "Rules", "release", "release_group_shares"]
