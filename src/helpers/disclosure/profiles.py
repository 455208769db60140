"""The rules of disclosure control that a run may choose from."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.errors import InputError


@dataclass(frozen=True)
class Profile:
    """One rule.

    limit: counts of 1 to this many children are small
    may_leave: what it releases may be published; where not, every page says so and reports/ is refused
    """

    name: str
    limit: int
    may_leave: bool = True


PROFILES = {
    profile.name: profile
    for profile in (Profile("la-1-5", 5), Profile("la-1-4", 4), Profile("none", 0, may_leave=False))
}


def find_profile(name: str) -> Profile:
    """Find a profile by its name.

    raises: InputError naming the profiles that there are
    """
    if name not in PROFILES:
        raise InputError(f"disclosure {name!r} is not a profile. Choose one of: {', '.join(PROFILES)}.")
    return PROFILES[name]
