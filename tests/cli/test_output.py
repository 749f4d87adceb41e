"""Data to stdout, words to stderr, and nothing that could drive a terminal."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesession.cli import output
from codesession.errors import CodesessionError, UnknownModelError
from support.shell import Answer

Cs = Callable[..., Answer]
EVIL = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J \r\n\t\x08 \u202egnp.exe \u2028"


def test_counts_agree_with_their_noun() -> None:
    """`1 file`, `0 files`, `2 stashes`."""
    assert [output.count(n, "file") for n in (0, 1, 1_000)] == ["0 files", "1 file", "1,000 files"]
    assert [output.count(n, "stash") for n in (1, 2)] == ["1 stash", "2 stashes"]


@given(st.text())
def test_plain_text_is_one_line_that_only_prints(text: str) -> None:
    """No escape sequence, no line break, no reversal of the writing direction; the length stays."""
    shown = output.plain(text)
    assert shown.isprintable()
    assert len(shown) == len(text)
    assert output.plain(shown) == shown


@pytest.mark.parametrize("columns", ["0", "00"])
def test_a_width_of_nothing_is_one_that_nobody_knows(cs: Cs, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """Some shells export COLUMNS=0; it is no reason to print nothing."""
    cs("start", "task", "--json")
    unknown = cs("list").out
    monkeypatch.setenv("COLUMNS", columns)
    assert "task" in unknown
    assert cs("list").out == unknown


def test_an_error_is_words_on_stderr_or_an_envelope_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """The same facts both times, never on both streams."""
    error = UnknownModelError("acme", "m1")
    assert output.report_error(error, as_json=False) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0] == f"error: {error.message}"
    assert err.splitlines()[1].startswith("hint: ")

    assert output.report_error(error, as_json=True) == 1
    out, err = capsys.readouterr()
    assert err == ""
    body = json.loads(out)["error"]
    assert (body["code"], body["model"], body["provider"]) == ("unknown_model", "m1", "acme")


def test_an_errors_own_exit_status_counts(capsys: pytest.CaptureFixture[str]) -> None:
    """127 for a command that is not there."""
    error = CodesessionError("gone")
    error.exit_status = 127
    assert output.report_error(error, as_json=False) == 127
    assert capsys.readouterr().err == "error: gone\n"


def test_words_have_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    """Messages quote names of sessions, models and files."""
    output.say(EVIL)
    output.warn(EVIL)
    shown = capsys.readouterr().err
    assert len(shown.splitlines()) == 2
    assert all(line.isprintable() for line in shown.splitlines())


def test_a_terminal_that_is_gone_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning nobody can read must not end what it warns about."""
    read, write = os.pipe()
    os.close(read)
    with open(write, "w", encoding="utf-8", buffering=1) as broken:
        monkeypatch.setattr(sys, "stderr", broken)
        output.say("hello")
        monkeypatch.undo()
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, write)
        os.close(devnull)


def test_streams_speak_utf8_and_replace_what_is_no_character(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a surrogate pair from a shell's argument, a locale of another century: a mark, no traceback."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="latin-1"))
    output.prepare_streams()
    output.print_json("ü🤖\udcff")
    assert raw.getvalue() == '"ü🤖?"\n'.encode()


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501])
def test_rows_are_written_as_the_whole_value_would_be(count: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Some at a time: a long report takes no memory for its text."""
    rows = [{"n": n, "text": 'two\nlines and "rows": []', "parts": [{}, [n]]} for n in range(count)]
    body = {"name": '"rows": []', "rows": [], "rest": {"a": 1}}
    output.print_rows(body, "rows", iter(rows))
    assert capsys.readouterr().out == json.dumps({**body, "rows": rows}, indent=2) + "\n"


def test_a_missing_stream_swallows_what_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python sets a stream that was closed before it began to None."""
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    output.prepare_streams()
    output.print_json({"a": 1})
    output.say("words")
    sys.stdout.close()
    sys.stderr.close()


@pytest.mark.parametrize(
    "command", [["status"], ["list"], ["show"], ["note", "remark"], ["end", "-n", EVIL], ["stats"], ["start", "again"]]
)
def test_no_name_can_drive_the_terminal(cs: Cs, command: list[str]) -> None:
    """Sessions are named by agents; what they write is shown as text, on both streams."""
    cs("start", "--json", "--", EVIL)
    cs("log-ai", "-p", EVIL, "-m", EVIL, "-t", "5", "-c", "1", "--agent", EVIL, "--json")
    cs("note", "--json", "--", EVIL)
    done = cs(*command)
    for line in (done.out + done.err).split("\n"):
        assert line.isprintable(), ascii(line)
    assert cs("list", "--json").json[0]["name"] == EVIL
