"""Why a call that has not been made is refused, in one line for agents, programs and people."""

from __future__ import annotations

from codesession.domain.budget import Decision, refusal
from codesession.domain.money import format_usd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codesession.services.budgets.service import Ruling


def why(ruling: Ruling) -> str:
    """What an agent is told."""
    standing, estimate = ruling.standing, ruling.estimate
    if standing is None:
        return "a budget stops this call"
    label = standing.budget.label
    if estimate is None:
        return (
            f"budget '{label}' is strict, and nobody here knows whether a request to this address costs anything."
            " Retrying does not help. Use a budget without --strict."
        )
    if not standing.is_exhausted and not estimate.told:
        return (
            f"budget '{label}' covers this call, and nothing limits what it may cost: neither request nor answer tells"
            " (pictures, sound, films, batches). Retrying does not help. Use a budget without --strict, and"
            ' unpriced = "ceiling" in the settings.'
        )
    if not standing.is_exhausted and not estimate.bounded:
        return (
            f"budget '{label}' is strict, and this call lets the provider run tools whose cost has no upper limit."
            " Retrying does not help. Leave them out, or use a budget without --strict."
        )
    if not standing.is_exhausted and not estimate.priced:
        return (
            f"budget '{label}' covers this call, and its model has no known price (at most"
            f" {format_usd(estimate.picousd)} would be set aside). Retrying does not help. Set a price:"
            " cs pricing set MODEL INPUT OUTPUT"
        )
    if ruling.decision is Decision.WAIT:
        return f"budget '{label}' is set aside for calls under way, and this call has waited long enough for them."
    return refusal(standing, estimate.picousd)
