"""Pages with small numbers shown (disclosure "none"): for looking, marked on every page, and never beside a release."""

from __future__ import annotations

import json
from pathlib import Path

from helpers.errors import InputError
from helpers.settings import OTHER_RULES, Settings, project_root

NOT_FOR_RELEASE = "Not for release: small numbers are shown."
"""Stands across the head of every page, above everything else."""
INSTEAD = "--reports data/processed/looking"


def refuse_to_mix_with_releases(settings: Settings) -> None:
    """Refuse a folder where pages that are not for release and pages that are would lie together.

    raises: InputError, before anything is read or written: disclosure "none" with the project's own reports/, a folder
        called reports or one inside such, or one that holds pages under another rule; and the other way round
    """
    place = settings.reports.resolve()
    held = {told.get("parameters", {}).get("disclosure", "") for told in _editions(settings.reports)}
    if not settings.not_for_release:
        if "none" in held:
            raise InputError(
                f"{_shown(place)} holds pages that are not for release (disclosure none). Give another --reports "
                f"folder, or remove this one. Nothing was written."
            )
        return
    ours = (project_root() / "reports").resolve()
    if ours in (place, *place.parents) or "reports" in {part.casefold() for part in place.parts}:
        why = "lies in a folder of reports, which leave the building"
    elif held - {"none"}:
        why = "holds pages that may leave the building"
    else:
        return
    raise InputError(
        f"With disclosure none small numbers are shown, and {_shown(place)} {why}. Give a folder that is not passed "
        f"on, such as {INSTEAD}, or leave --disclosure out. Nothing was written."
    )


def _editions(reports: Path) -> list[dict]:
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(reports.glob("*/*/run.json"))]


def _shown(folder: Path) -> str:
    """Name a folder by its last two parts: a message never shows where it lies on a machine."""
    return "/".join(folder.parts[-2:])


def not_for_release_words(settings: Settings) -> list[str]:
    """Give the banner of a run's pages and its notebooks' first line; nothing for a rule that hides small numbers."""
    return [NOT_FOR_RELEASE] if settings.not_for_release else []


def hidden_words(settings: Settings) -> str:
    """Say what becomes of small numbers, for descriptions and notes."""
    return "small numbers shown: not for release" if settings.not_for_release else "small numbers hidden"


def rule_of(told: dict) -> str:
    """Give the name of the folder of editions that a run.json tells of (Settings.editions_folder)."""
    return OTHER_RULES.get(told.get("parameters", {}).get("disclosure", ""), "")
