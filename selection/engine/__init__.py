"""The selection's arithmetic: pure, exact, no database. `Rules` on a `Pool` give a `Result`."""

from selection.engine.judging import Result, Verdict, evaluate, judge, judge_pool, mix, share
from selection.engine.pool import Candidate, Pool
from selection.engine.rules import TIE_BREAKS, Pin, Rules, Share

__all__ = [
    "TIE_BREAKS",
    "Candidate",
    "Pin",
    "Pool",
    "Result",
    "Rules",
    "Share",
    "Verdict",
    "evaluate",
    "judge",
    "judge_pool",
    "mix",
    "share",
]
