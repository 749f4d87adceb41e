"""pydantic-ai: the same, in an event loop. pip install 'pydantic-ai-slim[anthropic]'"""

from __future__ import annotations

import asyncio

from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from stand_in import anthropic_endpoint

from codesession import instrument, track


async def main() -> None:
    """Two agents at once, each in a session of its own."""
    instrument()
    endpoint = anthropic_endpoint()
    model = AnthropicModel("claude-sonnet-5-5", provider=AnthropicProvider(**endpoint))

    async def ask(question: str) -> None:
        async with track(question, budget=1) as session:
            await Agent(model).run(question)
            print(f"{question}: {session.spent:.6f} dollars, {session.tokens} tokens")

    await asyncio.gather(ask("How do I round prices?"), ask("How do I test it?"))


if __name__ == "__main__":
    asyncio.run(main())
