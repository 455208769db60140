"""What a look through reports found: the faults, and what was looked at and agrees, in sentences."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from helpers.audit.rule import USUAL
from helpers.codes import load_codelist


@dataclass
class Audit:
    """What was found; several are added into one.

    faults: one line each, naming file and place and never what leaked
    files: how many files were looked at
    counted: what was looked at, by the keys of codelists/audit_proofs.csv
    also: further sentences of what was proved
    limit: counts of 1 to this many are small, by the rule that the files were made under
    days: days that these files may tell (ISO): those of the editions and of their releases
    totals: children in care and their rate on the day of each edition, by borough, as text for a reader
    """

    faults: list[str] = field(default_factory=list)
    files: int = 0
    limit: int = USUAL.limit
    counted: Counter[str] = field(default_factory=Counter)
    also: list[str] = field(default_factory=list)
    days: set[str] = field(default_factory=set)
    totals: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def fault(self, place: str, what: str) -> None:
        """Note a fault at a place; the same fault of the same place is noted once."""
        line = f"{place}: {what}"
        if line not in self._noted:
            self._noted.add(line)
            self.faults.append(line)

    _noted: set[str] = field(default_factory=set, repr=False)

    def is_small(self, value: float | None) -> bool:
        """Say whether a number of children is one that must be hidden."""
        return value is not None and 0 < value <= self.limit

    def count(self, what: str, number: int = 1) -> None:
        self.counted[what] += number

    def add(self, other: Audit) -> None:
        """Take in what another look found."""
        for line in other.faults:
            if line not in self._noted:
                self._noted.add(line)
                self.faults.append(line)
        self.files += other.files
        self.counted += other.counted
        self.also += other.also
        self.days |= other.days
        self.totals |= other.totals

    @property
    def proved(self) -> list[str]:
        """Say in sentences what was looked at and agrees, and what could not be decided; only what there was."""
        told = load_codelist("audit_proofs").itertuples()
        sentences = [
            one.sentence.replace("{n}", f"{self.counted[one.what]:,}").replace("{limit}", str(self.limit))
            for one in told
            if self.counted[one.what]
        ]
        few = [f"But for the {len(self.faults):,} faults told:"] if self.faults else []
        return [*few, *sentences, *self.also]
