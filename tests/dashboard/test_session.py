"""One session: timeline, calls with their bills, commits, files, notes, and what can be done with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from codesession.domain.money import format_usd

if TYPE_CHECKING:
    from support.dashboards import Dashboard, Open


@pytest.fixture
def chosen(dashboard: Dashboard) -> int:
    """A session of the real repository, with commits."""
    found = "SELECT id FROM sessions WHERE git_root LIKE '%/shop' AND commits > 1 AND status = 'completed' ORDER BY id"
    return int(dashboard.one(found)[0])


def test_the_header_shows_the_ledgers_figures(dashboard: Dashboard, open_page: Open, chosen: int) -> None:
    """Cost, calls, commits and files as the ledger has them."""
    row = dashboard.one("SELECT * FROM sessions WHERE id = ?", chosen)
    page = open_page(dashboard, f"/sessions/{chosen}")

    expect(page.get_by_role("heading", level=1)).to_have_text(row["name"])
    cost = page.get_by_role("group", name="Cost", exact=True).locator(".kpi-value")
    expect(cost).to_have_text(dashboard.cost("session_id = ?", chosen))
    expect(page.get_by_role("group", name="Work")).to_contain_text(f"{row['commits']} commit")


def test_the_timeline_ends_at_the_sessions_cost(dashboard: Dashboard, open_page: Open, chosen: int) -> None:
    """Every call, commit, file and note is in it once, and the running cost arrives at the whole."""
    events = dashboard.ask(f"/sessions/{chosen}/timeline?limit=500")["events"]
    known = dashboard.one("SELECT SUM(cost_picousd) FROM model_requests WHERE session_id = ?", chosen)[0]
    page = open_page(dashboard, f"/sessions/{chosen}")

    rows = page.locator(".timeline > li")
    expect(rows).to_have_count(len(events))
    expect(rows.last).to_contain_text(format_usd(known))


def test_a_calls_bill_adds_up(dashboard: Dashboard, open_page: Open, chosen: int) -> None:
    """A call opens to its lines, the sum of which is its cost with every digit."""
    call = dashboard.ask(f"/sessions/{chosen}/calls?limit=1")["calls"][0]
    page = open_page(dashboard, f"/sessions/{chosen}?tab=calls")
    page.get_by_role("button", name=f"Bill of call {call['id']}").click()

    expect(page).to_have_url(f"{dashboard.url}/sessions/{chosen}?tab=calls&call={call['id']}")
    bill = page.locator(".bill")
    for line in call["lines"]:
        expect(bill).to_contain_text(line["usd"])
    expect(bill.locator("tfoot")).to_contain_text(f"{int(call['costPicousd']) / 10**12:.12f}".rstrip("0"))


def test_costs_per_commit_are_labelled_and_add_up(dashboard: Dashboard, open_page: Open, chosen: int) -> None:
    """What stands with a commit are the calls since the previous one, and the page says so."""
    commits = dashboard.ask(f"/sessions/{chosen}/commits")
    assert (
        sum(row["usage"]["calls"] for row in commits["commits"])
        == dashboard.one("SELECT COUNT(*) FROM model_requests WHERE session_id = ?", chosen)[0]
    )
    page = open_page(dashboard, f"/sessions/{chosen}?tab=commits")

    expect(page.get_by_text("Calls since the previous")).to_be_visible()
    expect(page.get_by_text(commits["basis"])).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(len(commits["commits"]))


def test_diffs_of_everything_of_a_file_and_of_a_commit(dashboard: Dashboard, open_page: Open, chosen: int) -> None:
    """Files show what changed, as highlighted text."""
    page = open_page(dashboard, f"/sessions/{chosen}?tab=files")
    whole = page.locator(".diff")
    expect(whole.first).to_be_visible()
    expect(page.locator(".diff tr[data-kind=add] .hljs-keyword").first).to_be_visible()

    name = dashboard.one("SELECT file_path FROM file_changes WHERE session_id = ? ORDER BY file_path", chosen)[0]
    page.locator(".file", has_text=name).click()
    expect(whole).to_have_count(1)
    expect(whole.locator("header")).to_contain_text(name)

    page.get_by_role("tab", name="Commits").click()
    page.locator("tbody .link").first.click()
    expect(page.get_by_role("button", name="Commit ")).to_be_visible()
    expect(whole.first).to_be_visible()


def test_export_is_a_file_to_save(dashboard: Dashboard, open_page: Open, chosen: int) -> None:
    """JSON and CSV, as the command writes them."""
    page = open_page(dashboard, f"/sessions/{chosen}")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as saved:
        page.get_by_role("menuitem", name="as JSON").click()
    assert json.loads(Path(saved.value.path()).read_text())["id"] == chosen


def test_a_note_is_kept_and_the_session_ended(scratch: Dashboard, open_page: Open) -> None:
    """What the page does is in the ledger."""
    running = scratch.one("SELECT id FROM sessions WHERE status = 'active' ORDER BY id")[0]
    page = open_page(scratch, f"/sessions/{running}?tab=notes")
    page.get_by_label("Add a note").fill("<b>not bold</b> & kept")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("p.pre", has_text="<b>not bold</b> & kept")).to_be_visible()
    kept = scratch.one("SELECT message FROM session_notes ORDER BY id DESC")[0]
    assert kept == "<b>not bold</b> & kept"

    page.get_by_role("button", name="End session").click()
    page.get_by_label("Closing note").fill("finished in the browser")
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_text("Session ended")).to_be_visible()
    row = scratch.one("SELECT status, end_notes FROM sessions WHERE id = ?", running)
    assert tuple(row) == ("completed", "finished in the browser")
