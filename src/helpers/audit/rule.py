"""The rule of disclosure control that an edition names in its run.json: counts of 1 to how many must be hidden."""

from __future__ import annotations

import json

from helpers.disclosure import PROFILES, Profile

USUAL = PROFILES["la-1-5"]
"""The rule of an edition that names none, or one that there is not."""


def told_of_run(content: bytes) -> dict:
    """Read run.json; nothing of one that cannot be read, which is told as a fault where its keys are looked at."""
    try:
        told = json.loads(content)
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return told if isinstance(told, dict) else {}


def rule_of(told: dict) -> Profile:
    """Give the rule that a run was made under. told: run.json, as told_of_run reads it."""
    parameters = told.get("parameters")
    name = parameters.get("disclosure") if isinstance(parameters, dict) else None
    return PROFILES.get(name, USUAL) if isinstance(name, str) else USUAL


def limit_of(told: dict) -> int:
    """Give the largest count that a run must hide. What hides nothing is held against the usual rule."""
    rule = rule_of(told)
    return rule.limit if rule.may_leave else USUAL.limit
