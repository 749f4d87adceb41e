"""LiteLLM: the same for every provider it knows. pip install litellm"""

from __future__ import annotations

import os

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # it would fetch its price list when it is imported

import litellm
from stand_in import anthropic_endpoint, openai_endpoint

from codesession import BudgetExceededError, instrument, track

QUESTION = [{"role": "user", "content": "How do I round a sum of prices?"}]


def main() -> None:
    """Ask two providers, then run into the budget: the third call is never made."""
    instrument()
    claude, gpt = anthropic_endpoint(), openai_endpoint()
    with track("LiteLLM", budget=0.002) as session:
        litellm.completion("anthropic/claude-sonnet-5-5", QUESTION, max_tokens=400, **claude)
        print(f"{session.spent:.6f} dollars, {session.tokens} tokens")
        try:
            litellm.completion("openai/gpt-6.1-sol", QUESTION, **gpt)
        except BudgetExceededError as error:
            print(f"stopped: {error}")


if __name__ == "__main__":
    main()
