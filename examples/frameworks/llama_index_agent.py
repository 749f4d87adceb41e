"""LlamaIndex: the same. pip install llama-index-llms-openai"""

from __future__ import annotations

from llama_index.core.llms import ChatMessage
from llama_index.llms.openai import OpenAI
from stand_in import openai_endpoint

from codesession import instrument, track


def main() -> None:
    """Ask once as a whole, once as a stream."""
    instrument()
    endpoint = openai_endpoint()
    model = OpenAI(model="gpt-5.1", api_base=endpoint["base_url"], api_key=endpoint["api_key"])
    question = [ChatMessage(role="user", content="How do I round a sum of prices?")]
    with track("LlamaIndex", budget=1) as session:
        model.chat(question)
        for _ in model.stream_chat(question):
            pass
        print(f"{session.spent:.6f} dollars, {session.tokens} tokens, {session.budget_remaining:.6f} left")


if __name__ == "__main__":
    main()
