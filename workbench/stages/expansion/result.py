"""What the stage expansion found: scorecards, how triggers did, and whom to call; each worked out when it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.growth import Scorecard
from workbench.growth.triggers import CallList, CallOdds, TriggerBackTest
from workbench.stages.contract import StageResult, may_come_later

if TYPE_CHECKING:
    import pandas as pd

    from workbench.growth.programme import ExpansionPaths, Payouts, Pods
    from workbench.stages.expansion.decision import ExpansionDecision
    from workbench.stages.expansion.evidence import ExpansionEvidence, Lived
    from workbench.stages.study_replay import FirstToOptIn


@dataclass(frozen=True, kw_only=True)
class ExpansionResult(StageResult):
    """What follows from a playbook.

    A scorecard, a back-test or odds that cannot be had is the sentence that says why. `offers` is a row for each
    account that can buy more, `refused` why the playbook cannot be used on this data, empty where it can.
    """

    decision: ExpansionDecision
    evidence: ExpansionEvidence
    lived: Lived
    currency: str
    refused: str = ""
    card: Scorecard | str = may_come_later()
    card_under: Scorecard | str = may_come_later()
    back_test: TriggerBackTest | str = may_come_later()
    odds: CallOdds | str = may_come_later()
    offers: pd.DataFrame = may_come_later()
    calls: CallList | None = may_come_later()
    pods: Pods | str = may_come_later()
    payouts: Payouts | str = may_come_later()
    paths: ExpansionPaths | str = may_come_later()
    movers: FirstToOptIn | str = may_come_later()

    @property
    def known_card(self) -> Scorecard | None:
        """Return the scorecard where there is one."""
        return self.card if isinstance(self.card, Scorecard) else None

    @property
    def known_test(self) -> TriggerBackTest | None:
        """Return the back-test where there is one."""
        return self.back_test if isinstance(self.back_test, TriggerBackTest) else None

    @property
    def this_week(self) -> pd.DataFrame:
        """Return the talks of this week."""
        assert self.calls is not None  # noqa: S101 - asked for where there are some
        return self.calls.accounts[self.calls.accounts["week"] == 0]

    @property
    def asked(self) -> pd.DataFrame:
        """Return the offers to accounts that asked for a feature of a higher tier lately."""
        if not isinstance(self.odds, CallOdds):
            return self.offers.iloc[:0]
        keys = [key for key, each in self.decision.triggers.triggers.items() if each.discount is not None]
        none = np.zeros(len(self.odds.account_ids), dtype=bool)
        lately = np.any([none, *(self.odds.lately[key] for key in keys if key in self.odds.lately)], axis=0)
        return self.offers[self.offers["account_id"].isin(self.odds.account_ids[lately]) & (self.offers["amount"] > 0)]
