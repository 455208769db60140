"""Errors an analyst can fix: each says what was found, what was expected and what to do, and never shows a child."""


class BriefingError(Exception):
    """Base of every error that is told in words, without a traceback."""


class InputError(BriefingError):
    """A file or folder cannot be used as it is; the message names it and says what to do."""


class UnknownBoroughError(BriefingError):
    """A borough's name is not in codelists/areas.csv; the message gives the near matches."""


class NoDataError(BriefingError):
    """Nothing was found for the borough or date asked for; the message says what there is."""


class UnlistedCodeError(BriefingError):
    """A code stands in a return that no codelist has; the message counts its rows."""


class ContractError(BriefingError):
    """A table does not keep its contract in schemas.py; the message names the table and the columns."""


class LeakError(BriefingError):
    """A released table would give away a small number; nothing was written."""
