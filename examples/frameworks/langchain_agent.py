"""LangChain: instrument once, and every model call inside the session is recorded. pip install langchain-anthropic"""

from __future__ import annotations

from langchain_anthropic import ChatAnthropic
from stand_in import anthropic_endpoint

from codesession import instrument, track


def main() -> None:
    """Ask once as a whole, once as a stream."""
    instrument()
    endpoint = anthropic_endpoint()
    model = ChatAnthropic(model="claude-sonnet-5-5", max_tokens=400, **endpoint)
    with track("LangChain", budget=1) as session:
        model.invoke("How do I round a sum of prices?")
        for _ in model.stream("And in one sentence?"):
            pass
        print(f"{session.spent:.6f} dollars, {session.tokens} tokens, {session.budget_remaining:.6f} left")


if __name__ == "__main__":
    main()
