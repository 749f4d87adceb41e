"""Whole calls, from the usage object a provider sends to the dollars on its invoice."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from codesession.domain.pricing import decimal_string
from codesession.prices.book import PriceBook
from codesession.providers.base import RequestFacts
from codesession.providers.registry import parser_for

CASES = json.loads((Path(__file__).parent / "cases.json").read_text())


def at_ms(case: dict[str, Any]) -> int:
    return int(datetime.fromisoformat(case["at"]).timestamp() * 1000)


def facts(case: dict[str, Any]) -> RequestFacts:
    return RequestFacts.from_mapping(
        case.get("request", {}), provider_name=case["provider"], api=case["api"], request_model=case["model"]
    )


def dollars(usd: Any) -> str | None:
    return None if usd is None else decimal_string(usd)


@pytest.mark.parametrize("case", CASES["responses"], ids=lambda case: case["id"])
def test_a_response_costs_what_the_provider_charges(book: PriceBook, case: dict[str, Any]):
    """To the last digit; each case names its source."""
    parser = parser_for(case["provider"], case["api"])
    assert parser is not None
    response = parser.parse_usage(
        case["usage"], response={"model": case["model"], **case.get("response", {})}, request=facts(case)
    )
    assert dollars(book.price(response, at_ms(case)).usd) == case["usd"]


@pytest.mark.parametrize("case", CASES["streams"], ids=lambda case: case["id"])
def test_a_stream_costs_the_same_as_its_whole_response(book: PriceBook, case: dict[str, Any]):
    """Cumulative counts replace each other; what only the first event says is kept."""
    parser = parser_for(case["provider"], case["api"])
    assert parser is not None
    stream = parser.stream(facts(case))
    for event in case["events"]:
        stream.feed(event)
    response = stream.result()
    assert response is not None
    assert dollars(book.price(response, at_ms(case)).usd) == case["usd"]
