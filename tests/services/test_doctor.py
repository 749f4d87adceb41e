"""The check-up: what it says about every state that a user can be in."""

from __future__ import annotations

import http.server
import shutil
import socket
import threading
from pathlib import Path

import pytest

from codesession.domain.finding import Finding, Verdict
from codesession.errors import InvalidInputError, StorageError
from codesession.services import doctor
from codesession.services.agent_hooks.installing import HookState
from codesession.services.exports.lacking import Lacking
from codesession.services.spool import Spool
from codesession.store.checking import LedgerState


def state(**changes: object) -> LedgerState:
    values: dict[str, object] = {
        "schema": 5,
        "newest_schema": 5,
        "size_bytes": 1_000_000,
        "damage": (),
        "not_writable": None,
    }
    return LedgerState(**{**values, **changes})  # type: ignore[arg-type]  # the test's own


def about(path: Path, found: LedgerState) -> dict[str, Finding]:
    return {finding.name: finding for finding in doctor.check_ledger(path, lambda _: found)}


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "sessions.db"
    path.touch(0o600)
    return path


def test_a_ledger_that_is_not_there_yet_is_no_fault(tmp_path: Path) -> None:
    """And it is not looked into."""
    (finding,) = doctor.check_ledger(tmp_path / "none.db", lambda _: pytest.fail("looked"))
    assert finding.verdict is Verdict.PASS


def test_a_ledger_that_cannot_be_made_fails_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that is in the way is named: read-only, or no folder at all."""
    (tmp_path / "file").touch()
    (finding,) = doctor.check_ledger(tmp_path / "file" / "sessions.db", lambda _: state())
    assert (finding.verdict, str(tmp_path / "file") in (finding.hint or "")) == (Verdict.FAIL, True)
    monkeypatch.setattr("os.access", lambda *_: False)
    (finding,) = doctor.check_ledger(tmp_path / "no" / "such" / "sessions.db", lambda _: state())
    assert finding.verdict == Verdict.FAIL
    assert f"{tmp_path} is read-only" in finding.text
    assert str(tmp_path) in (finding.hint or "")


def test_what_cannot_become_a_ledger_fails_and_is_not_looked_into(tmp_path: Path) -> None:
    """A link to a disk that is not there, which no command can make; a folder or pipe, which would be waited for."""
    link = tmp_path / "sessions.db"
    link.symlink_to(tmp_path / "usb" / "sessions.db")
    for path, why in ((link, "whose folder is not there"), (tmp_path, "is no file")):
        (finding,) = doctor.check_ledger(path, lambda _: pytest.fail("looked"))
        assert (finding.verdict, why in finding.text) == (Verdict.FAIL, True)


@pytest.mark.parametrize(
    ("found", "name", "verdict"),
    [
        (state(), "ledger", Verdict.PASS),
        (state(damage=("page 3 is never used",)), "ledger", Verdict.FAIL),
        (state(schema=6), "schema", Verdict.FAIL),
        (state(schema=0), "schema", Verdict.PASS),
        (state(not_writable="database is locked"), "recording", Verdict.WARN),
        (state(not_writable="attempt to write a readonly database"), "recording", Verdict.FAIL),
        (state(size_bytes=3 * 1024**3), "size", Verdict.WARN),
    ],
)
def test_every_state_of_a_ledger_has_its_verdict(ledger: Path, found: LedgerState, name: str, verdict: Verdict) -> None:
    """What is not well comes with what to do."""
    finding = about(ledger, found)[name]
    assert finding.verdict is verdict
    assert verdict is Verdict.PASS or finding.hint


def test_a_file_that_is_no_ledger_is_a_fail_whatever_the_driver_raises(ledger: Path) -> None:
    """With its words."""

    def broken(_: Path) -> LedgerState:
        raise RuntimeError("file is not a database")

    (finding,) = doctor.check_ledger(ledger, broken)
    assert finding.verdict is Verdict.FAIL
    assert "not a database" in finding.text


def test_a_ledger_on_a_full_disk_is_not_called_damaged(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the cause, and what to do about that; a file that is no ledger is one also there."""
    monkeypatch.setattr(doctor, "obstacle", lambda _: ("the disk is full", "free some space"))

    def broken(words: str) -> Finding:
        def inspect(_: Path) -> LedgerState:
            raise RuntimeError(words)

        (finding,) = doctor.check_ledger(ledger, inspect)
        return finding

    finding = broken("disk I/O error")
    assert (finding.verdict, finding.hint) == (Verdict.FAIL, "free some space")
    assert "the disk is full; the ledger is not damaged" in finding.text
    assert "restore a backup" in (broken("file is not a database").hint or "")


@pytest.mark.parametrize("not_writable", [None, "attempt to write a readonly database"])
def test_a_disk_that_takes_nothing_is_the_reason_why_nothing_is_recorded(
    ledger: Path, monkeypatch: pytest.MonkeyPatch, not_writable: str | None
) -> None:
    """SQLite grants the write lock of a ledger on a read-only disk."""
    monkeypatch.setattr(doctor, "obstacle", lambda _: ("the disk is read-only", "mount it for writing"))
    finding = about(ledger, state(not_writable=not_writable))["recording"]
    assert (finding.verdict, finding.hint) == (Verdict.FAIL, "mount it for writing")
    assert "the disk is read-only; the ledger is not damaged" in finding.text


def test_the_doctor_does_not_send_to_the_doctor() -> None:
    """Its other lines are what there is to know."""
    assert doctor.check_opening("sessions.db", None).verdict is Verdict.PASS
    finding = doctor.check_opening("sessions.db", StorageError("disk I/O error", hint="run `cs doctor`"))
    assert (finding.verdict, finding.hint) == (Verdict.FAIL, "see above for what is in the way")
    assert doctor.check_opening("sessions.db", StorageError("locked", hint="try again")).hint == "try again"


def test_who_may_only_read_a_ledger_on_a_server_records_nothing() -> None:
    """It answers all the same: every look at it would go well."""

    def refuse() -> None:
        raise StorageError("permission denied for table ledger_writes", hint="the user needs rights on the tables")

    assert doctor.check_recording(lambda: None).verdict is Verdict.PASS
    finding = doctor.check_recording(refuse)
    assert (finding.verdict, finding.hint) == (Verdict.FAIL, "the user needs rights on the tables")
    assert "nothing can be recorded: permission denied" in finding.text


def test_files_that_others_may_read_are_named_with_the_command_that_mends_them(tmp_path: Path, ledger: Path) -> None:
    """600 for files, 700 for folders; what is not there is no fault."""
    tmp_path.chmod(0o700)
    paths = [tmp_path, ledger, tmp_path / "none"]
    assert doctor.check_privacy(paths).verdict is Verdict.PASS
    ledger.chmod(0o644)
    tmp_path.chmod(0o755)
    finding = doctor.check_privacy(paths)
    assert finding.verdict is Verdict.WARN
    assert f"chmod 700 {tmp_path}" in (finding.hint or "")
    assert f"chmod 600 {ledger}" in (finding.hint or "")


def test_waiting_recorded_and_rejected_calls_are_told_apart(ledger: Path) -> None:
    """Each with its number."""
    spool = Spool(ledger)
    assert [f.verdict for f in doctor.check_spool(spool, 0)] == [Verdict.PASS]
    assert "2 calls had to wait" in doctor.check_spool(spool, 2)[0].text
    spool.path.write_text("a\nb\nc\n")
    spool.rejects.write_text("x\n")
    waiting, rejects = doctor.check_spool(spool, 3)
    assert (waiting.verdict, waiting.facts["waiting"]) == (Verdict.WARN, 3)
    assert (rejects.verdict, rejects.facts["rejected"]) == (Verdict.WARN, 1)


def test_old_and_unreadable_prices_are_told_apart() -> None:
    """Old ones still price; a broken file does not."""
    assert doctor.check_prices(lambda: ("2026-11-01+x", 3, False)).verdict is Verdict.PASS
    assert doctor.check_prices(lambda: ("2026-01-01+x", 300, True)).verdict is Verdict.WARN

    def broken() -> tuple[str, int, bool]:
        raise InvalidInputError("cannot read pricing.json", hint="mend it")

    finding = doctor.check_prices(broken)
    assert (finding.verdict, finding.hint) == (Verdict.FAIL, "mend it")


def test_models_without_a_price_are_named_the_most_used_first() -> None:
    """Five are enough for a line; the rest is a number, and in the figures."""
    assert [each.verdict for each in doctor.check_costs(Lacking())] == [Verdict.PASS]
    (finding,) = doctor.check_costs(Lacking(price=[("x", f"m{n}", 10 - n) for n in range(7)]))
    assert finding.verdict is Verdict.WARN
    assert "x/m0 (10)" in finding.text
    assert "and 2 more" in finding.text
    assert len(finding.facts["models"]) == 7  # type: ignore[arg-type]  # a list, as JSON has it


def test_nobody_is_told_to_set_a_price_for_a_call_without_usage() -> None:
    """The model has one: what is missing is how much was used."""
    price, usage = doctor.check_costs(Lacking(usage=[("openai", "gpt-5.5", 1)]))
    assert (price.name, price.verdict) == ("unpriced", Verdict.PASS)
    assert (usage.name, usage.verdict, usage.facts["models"]) == ("usage", Verdict.WARN, ["openai/gpt-5.5"])
    assert "pricing set" not in (usage.hint or "")


def test_a_machine_without_git_is_warned_about(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also one whose git does not run."""
    assert doctor.check_git().verdict is Verdict.PASS
    monkeypatch.setenv("PATH", str(tmp_path))
    assert doctor.check_git().verdict is Verdict.WARN
    (tmp_path / "git").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "git").chmod(0o755)
    assert shutil.which("git") is not None
    assert doctor.check_git().verdict is Verdict.WARN


def test_a_free_port_a_proxy_and_a_stranger_are_told_apart() -> None:
    """By what `/health` answers; a stranger may say anything, or nothing."""
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        free = reserved.getsockname()[1]
    assert doctor.check_port(free).facts == {"running": False, "port": free}

    class Health(http.server.BaseHTTPRequestHandler):
        body = b'{"status": "running"}'

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with http.server.HTTPServer(("127.0.0.1", 0), Health) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        assert doctor.check_port(server.server_port).facts["running"] is True
        for body in (b"[]", b"<html>", b"\xff", b'{"status": "other"}'):
            Health.body = body
            assert doctor.check_port(server.server_port).verdict is Verdict.WARN
        server.shutdown()


def test_missing_decoders_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls pass without them; their usage cannot be read."""
    assert doctor.check_libraries().verdict is Verdict.PASS
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    finding = doctor.check_libraries()
    assert finding.facts["missing"] == ["brotli", "zstandard"]
    assert finding.verdict is Verdict.WARN


def test_agents_are_found_by_their_folders(tmp_path: Path) -> None:
    """None is no fault."""
    homes = {"a": [tmp_path], "b": [tmp_path / "none"]}
    found = doctor.check_agents(homes)
    assert found.facts["found"] == ["a"]
    assert found.text == "there are a; `cs import` reads their logs"  # whether there are any, only an import knows
    assert doctor.check_agents({}).verdict is Verdict.PASS


def test_hooks_that_cannot_be_read_are_a_warning(tmp_path: Path) -> None:
    """Not installed is a choice."""

    def broken() -> HookState:
        raise InvalidInputError("cannot read settings.json", hint="mend it")

    def absent() -> HookState:
        return HookState(agent="b", path=tmp_path, installed=False)

    first, second = doctor.check_hooks({"a": broken, "b": absent})
    assert (first.verdict, first.hint) == (Verdict.WARN, "mend it")
    assert second.verdict is Verdict.PASS
