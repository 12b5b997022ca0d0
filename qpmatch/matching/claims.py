"""What else a technician should know of a candidate: who has it, who else wants it, why it is not chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from qpmatch.matching.board import Board, Option
from qpmatch.matching.joins import names_somebody
from qpmatch.matching.names import fold
from qpmatch.matching.reasons import similar_reason, sure_reason
from qpmatch.matching.suggestion import Candidate, Tier
from qpmatch.models import Company


class Claims:
    """Words for the options of a board, once it is known which customer goes to which company."""

    def __init__(self, board: Board, dealt: Mapping[int, int]) -> None:
        self._board = board
        self._dealt_to = {customer: company for company, customer in dealt.items()}
        self._company_cores = Counter(name.core_key for name in board.company_names)
        self._customer_cores = Counter(name.core_key for name in board.customer_names)
        self._company_spellings = Counter(name.spelling for name in board.company_names)
        self._customer_spellings = Counter(name.spelling for name in board.customer_names)

    def candidate(self, company: int, option: Option) -> Candidate:
        """An option in words."""
        board = self._board
        name, other = board.company_names[company], board.customer_names[option.customer]
        if option.weighed is None or option.tier is Tier.EXACT:
            reason = sure_reason(name, other, option.tier)
        elif option.tier is Tier.ALIAS:
            reason = "aliases.yaml leaves open which company or customer is meant"
        else:
            reason = similar_reason(name, other, option.weighed)
        claims = [reason, *self._shared(company, option), *self._held(company, option)]
        return Candidate(board.customers[option.customer], option.tier, option.score, "; ".join(claims))

    def parent_of(self, company: int, option: Option) -> Company | None:
        """The parent of a company where it has as good a claim to the name, by the words they share."""
        board = self._board
        parent = board.tenant.companies.get(board.companies[company].parent_id or "")
        if parent is None or option.tier.rank <= Tier.ALIAS.rank:
            return None
        shared = set(fold(parent.name)) & set(board.customer_names[option.customer].core)
        return parent if shared else None

    def why_none(self, company: int) -> str:
        """Why a company has no candidate."""
        board = self._board
        name = board.company_names[company]
        if not name.key:
            return "no letters or digits to compare"
        if not names_somebody(name):
            return "a placeholder, not a name"
        pair = board.sure.get(company)
        if pair is not None and (row := board.rows[pair.customer]) is not None:
            customer = board.customers[pair.customer].name
            return f"'{customer}' is in a {row.cardinality} row; `qpmatch edit` changes that row"
        return "no customer has a similar name"

    def why_no_proposal(self, company: int, best: Candidate, option: Option, min_score: float) -> str:
        """Why none of a company's candidates is proposed."""
        about = f"'{best.customer.name}': {best.reason}"
        if self._held(company, option) or self._shared(company, option):
            return about
        if option.score >= min_score:
            return f"{about}; another company or customer fits as well"
        return f"no candidate is likely enough; the best: {about}"

    def _shared(self, company: int, option: Option) -> list[str]:
        board = self._board
        name, other = board.company_names[company], board.customer_names[option.customer]
        if option.sure or name.core_key != other.core_key:
            return []
        if option.tier is Tier.EXACT:
            companies, customers = (
                self._company_spellings[name.spelling],
                self._customer_spellings[name.spelling],
            )
        else:
            companies, customers = self._company_cores[name.core_key], self._customer_cores[name.core_key]
        said = []
        if customers > 1:
            said.append(f"{_count(customers)} customers have this name")
        if companies > 1:
            said.append(f"{_count(companies)} companies have this name")
        return said

    def _held(self, company: int, option: Option) -> list[str]:
        board = self._board
        row = board.rows[option.customer]
        if row is not None:
            holder = board.tenant.companies.get(row.company_ids[0])
            return [f"already linked to '{holder.name if holder else row.company_ids[0]}'"]
        claimant = self._dealt_to.get(option.customer)
        if claimant is not None and claimant != company:
            return [f"proposed for '{board.companies[claimant].name}'"]
        return []


def _count(number: int) -> str:
    return ("two", "three", "four", "five")[number - 2] if 2 <= number <= 5 else str(number)
