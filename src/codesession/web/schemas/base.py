"""What all schemas share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel

Usd = Annotated[float, Field(description="US dollars, rounded to 1e-10.")]
Picousd = Annotated[str, Field(description="The exact amount: integer pico-dollars (1e-12 USD) as text.")]
Moment = Annotated[str, Field(description="ISO-8601 in UTC with `Z`.")]
Day = Annotated[str, Field(description="A date, YYYY-MM-DD.")]
Ratio = Annotated[float, Field(description="From 0 to 1.")]

LONGEST_NAME = 4_096
"""Of a name, a path or a message in a list. Programs may write longer ones; a page of fifty must stay a page."""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"


Name = Annotated[str, PlainSerializer(_cut, return_type=str)]
"""Text that others wrote; an export has the whole of it."""


class Schema(BaseModel):
    """Camel case outside, snake case inside; unknown keys in a body are refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class Problem(Schema):
    """What went wrong."""

    code: str
    message: str
    hint: str | None = None


class ErrorAnswer(BaseModel):
    """The error envelope, the same as the commands print; facts of an error stand beside `code`."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    schema_version: int
    codesession_version: str
    error: Problem


class Done(Schema):
    """A change was made."""

    ok: bool
