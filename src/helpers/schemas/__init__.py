"""One contract per table: what its columns mean, in which unit, what may be missing, and the traps.

Every table that passes between notebooks keeps one of these contracts; `check` refuses a table that does not.
Labels come from codelists/: ethnic groups from ethnic_groups.csv or ethnicity.csv, age bands from age_bands.csv.
"""

from helpers.schemas.account import Changes, Completeness, Corrections, FilesRead, RulesChecked, SetAside
from helpers.schemas.annex import Annex
from helpers.schemas.annex_a import AnnexAAdoption, AnnexACareLeavers, AnnexAChildren
from helpers.schemas.checking import check, columns_of
from helpers.schemas.children import CareLeavers, Children, Episodes, Outcomes
from helpers.schemas.comparisons import Comparisons
from helpers.schemas.events import (
    AdoptionDecisions,
    Adoptions,
    LibertyOrders,
    MissingSpells,
    PreviousPermanence,
    Reviews,
    SocialWorkers,
)
from helpers.schemas.journey import Journey
from helpers.schemas.local import (
    BoardFigures,
    Education,
    EducationPlans,
    InitialHealthAssessments,
    PathwayPlans,
    SurveyAnswers,
    Targets,
    Visits,
)
from helpers.schemas.neighbours import Neighbours
from helpers.schemas.over_time import TREND_FINDINGS, RatioTrends, Trends
from helpers.schemas.representation import REPRESENTATION_FINDINGS, Disproportionality
from helpers.schemas.results import KEY, PERIOD_TYPES, STATUSES, Counts, Population, Released

__all__ = [
    "KEY",
    "PERIOD_TYPES",
    "REPRESENTATION_FINDINGS",
    "STATUSES",
    "TREND_FINDINGS",
    "AdoptionDecisions",
    "Adoptions",
    "Annex",
    "AnnexAAdoption",
    "AnnexACareLeavers",
    "AnnexAChildren",
    "BoardFigures",
    "CareLeavers",
    "Changes",
    "Children",
    "Comparisons",
    "Completeness",
    "Corrections",
    "Counts",
    "Disproportionality",
    "Education",
    "EducationPlans",
    "Episodes",
    "FilesRead",
    "InitialHealthAssessments",
    "Journey",
    "LibertyOrders",
    "MissingSpells",
    "Neighbours",
    "Outcomes",
    "PathwayPlans",
    "Population",
    "PreviousPermanence",
    "RatioTrends",
    "Released",
    "Reviews",
    "RulesChecked",
    "SetAside",
    "SocialWorkers",
    "SurveyAnswers",
    "Targets",
    "Trends",
    "Visits",
    "check",
    "columns_of",
]
