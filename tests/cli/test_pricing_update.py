"""`cs pricing update` and `cs pricing check` as processes."""

from __future__ import annotations

import json
import sqlite3

from codesession.domain.request import UsageStatus
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS, make_request
from support.price_source import published, serving
from support.shell import Shell

GPT_5 = {"gpt-5": {"prices": {"input_mtok": "1", "output_mtok": "9"}}}


def price_of_gpt_5(shell: Shell) -> float:
    found: float = shell.ok("pricing", "list", "gpt-5", "--json")["models"]["gpt-5"]["input"]
    return found


def test_the_installed_data_is_as_old_as_before(shell: Shell) -> None:
    """Nothing is fetched, nothing changes, and asking makes prices no younger."""
    before = shell.ok("pricing", "check", "--json")["date"]
    report = shell.ok("pricing", "update", "--json")
    assert (report["written"], report["changes"], report["after"]) == (False, [], report["before"])
    assert shell.ok("pricing", "check", "--json")["date"] == before
    assert "Nothing changes" in shell.cs("pricing", "update").out


def test_newest_prices_are_fetched_when_asked_for(shell: Shell) -> None:
    """Shown by a dry run, used after a real one, named by their version, for the next command already."""
    with serving(published(openai=GPT_5)) as url:
        dry = shell.ok("pricing", "update", "--url", url, "--dry-run", "--json")
        assert (dry["written"], price_of_gpt_5(shell)) == (False, 1.25)
        report = shell.ok("pricing", "update", "--newest", "--url", url, "--json")
    assert [change["model"] for change in report["changes"]] == ["openai/gpt-5"]
    assert "genai-prices-newest-" in report["after"]
    assert price_of_gpt_5(shell) == 1
    assert shell.ok("pricing", "check", "--json")["priceVersion"] == report["after"]


def test_a_tenfold_shift_waits_for_somebody_to_look(shell: Shell) -> None:
    """Refused with what moved; `--accept` takes it."""
    moved = {"gpt-5": {"prices": {"input_mtok": "125", "output_mtok": "10"}}}
    with serving(published(openai=moved)) as url:
        refused = shell.cs("pricing", "update", "--url", url, "--json")
        assert "openai/gpt-5" in refused.error["message"]
        assert price_of_gpt_5(shell) == 1.25
        assert shell.ok("pricing", "update", "--url", url, "--accept", "--json")["written"]
    assert price_of_gpt_5(shell) == 125


def test_without_a_network_the_old_prices_stay(shell: Shell) -> None:
    """A proxy that is not there stands for a network that is not there."""
    nowhere = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), "http://127.0.0.1:9")
    refused = shell.cs("pricing", "update", "--newest", "--json", env=nowhere)
    assert refused.error["code"] == "unavailable"
    assert "cannot fetch the newest prices" in refused.error["message"]
    words = shell.cs("pricing", "update", "--newest", env=nowhere)
    assert words.code == 1
    assert words.err.startswith("error: cannot fetch the newest prices")
    assert "hint:" in words.err
    assert price_of_gpt_5(shell) == 1.25


def test_a_page_that_is_no_price_file_is_refused(shell: Shell) -> None:
    """A captive portal answers with a page of its own."""
    with serving(b"<html>Welcome to the hotel</html>") as url:
        refused = shell.cs("pricing", "update", "--url", url, "--json")
    assert "is no price data" in refused.error["message"]
    assert not (shell.home / ".codesession" / "prices").exists()


def test_check_says_how_old_the_prices_are_and_what_lacks_one(shell: Shell) -> None:
    """Models of the ledger without a price, most calls first."""
    fresh = shell.ok("pricing", "check", "--json")
    assert fresh["unpriced"] == []
    assert fresh["priceVersion"].startswith(fresh["date"])
    shell.ok("start", "task", "--json")
    shell.ok("log-ai", "-p", "anthropic", "-m", "claude-sonnet-4-5", "-t", "10", "--json")
    with sqlite3.connect(shell.ledger) as ledger:
        ledger.execute("UPDATE usage_rollups SET unpriced_requests = requests")
    ledger.close()
    found = shell.ok("pricing", "check", "--json")["unpriced"]
    assert found == [{"provider": "anthropic", "model": "claude-sonnet-4-5", "calls": 1}]
    words = shell.cs("pricing", "check").out
    assert "anthropic/claude-sonnet-4-5  1 call" in words
    assert "days old" in words


def test_check_does_not_ask_for_a_price_where_the_usage_is_missing(shell: Shell) -> None:
    """A stream that was cut: its model has a price, and another would change nothing."""
    shell.ok("start", "task", "--json")
    store = SqlStore(SqliteDatabase(shell.ledger, now_ms=NOW_MS))
    store.add_request(make_request(usage=None, usage_status=UsageStatus.MISSING, cost_picousd=None))
    store.close()
    found = shell.ok("pricing", "check", "--json")
    assert found["unpriced"] == []
    assert found["withoutUsage"] == [{"provider": "anthropic", "model": "claude-sonnet-4-5", "calls": 1}]
    words = shell.cs("pricing", "check").out
    assert "Without a usage" in words
    assert "anthropic/claude-sonnet-4-5  1 call" in words
    assert "pricing set" not in words


def test_the_written_set_is_for_its_owner(shell: Shell) -> None:
    """Folders of the program are not for others."""
    with serving(published(openai=GPT_5)) as url:
        shell.ok("pricing", "update", "--url", url, "--json")
    folder = shell.home / ".codesession" / "prices"
    assert folder.stat().st_mode & 0o077 == 0
    assert json.loads((folder / "index.json").read_text())["providers"]
