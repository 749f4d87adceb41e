"""How `cs` finds commands, answers misuse, and ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest

from codesession import __version__
from codesession.cli.main import ALIASES, COMMANDS, cli
from support.shell import Answer, Shell

Cs = Callable[..., Answer]


def test_help_lists_every_command_with_one_line(cs: Cs) -> None:
    """None of them has to be loaded for it."""
    done = cs("--help")
    assert done.code == 0
    for name, (_, line) in COMMANDS.items():
        assert name in done.out
        assert line.split()[0] in done.out


@pytest.mark.parametrize("name", [*COMMANDS, *ALIASES])
def test_every_command_explains_itself_and_its_options(cs: Cs, name: str) -> None:
    """A usage line, what it does, and a word on each option."""
    done = cs(name, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Usage: cs ")
    with click.Context(cli) as context:
        command = cli.get_command(context, name)
    assert command is not None
    assert (command.help or "").strip()
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"cs {name} {option.opts}"
    group = command if isinstance(command, click.Group) else None
    for sub in group.commands if group else ():
        assert cs(name, sub, "-h").code == 0


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_a_bare_number(cs: Cs, flag: str) -> None:
    """Scripts compare it."""
    assert cs(flag) == Answer(0, f"{__version__}\n", "")


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        *(("statuss", "cs status"), ("lst", "cs list"), ("recovr", "cs recover"), ("zzzzzz", "cs --help")),
        *(("strat", "`cs stats` or `cs start`"), ("daily", "cs report daily"), ("blocks", "cs report blocks")),
        *(("claude", "`cs report --agent claude-code`"), ("amp", "`cs report --agent amp`")),
    ],
)
def test_a_misspelt_command_gets_a_hint(cs: Cs, typed: str, hint: str) -> None:
    """The two nearest ones, or where to look; of what is a command in ccusage, where it is here."""
    done = cs(typed)
    assert (done.code, done.out) == (1, "")
    assert typed in done.err
    assert hint in done.err.splitlines()[1]


@pytest.mark.parametrize(
    "misuse",
    [["bogus"], ["start"], ["status", "--bogus"], ["list", "-l", "0"], ["list", "-l", "x"], ["end", "extra"], ["note"]],
)
def test_misuse_is_words_for_people_and_an_envelope_for_programs(cs: Cs, misuse: list[str]) -> None:
    """Exit 1 both times; stdout stays empty for people."""
    for_people = cs(*misuse)
    assert (for_people.code, for_people.out) == (1, "")
    assert for_people.err.startswith("error: ")
    assert "\nhint: " in for_people.err
    error = cs(*misuse, "--json").error
    assert error["code"] == "invalid_input"
    assert error["hint"]


@pytest.mark.parametrize("misuse", [["dashboard", "--port", "abc"], ["status", "--session", "abc"]])
def test_what_is_no_number_is_said_in_plain_words(cs: Cs, misuse: list[str]) -> None:
    """Nobody asked for an integer range."""
    assert "'abc' is no whole number" in cs(*misuse).err


def test_hours_that_are_no_number_need_not_be_whole(cs: Cs) -> None:
    """Half an hour is a number."""
    assert "'abc' is no number" in cs("recover", "--max-age", "abc").err


@pytest.mark.parametrize("command", ["start", "note"])
def test_words_without_quotes_get_a_hint(cs: Cs, command: str) -> None:
    """The commonest slip of somebody in a hurry."""
    assert f'quotes: cs {command} "…"' in cs(command, "Fix", "the", "bug").err


@pytest.mark.parametrize("asked", [("help",), ("help", "list"), ("help", "today", "add")])
def test_help_is_a_command_too(cs: Cs, asked: tuple[str, ...]) -> None:
    """As in git, npm and the tool before this one."""
    assert cs(*asked) == cs(*asked[1:], "--help")


OPTIONS_OF_THE_NPM_TOOL = {
    "start": "--json --resume --close-stale",
    "end": "-n --notes -s --session --json",
    "show": "--files --commits --json",
    "list": "-l --limit --json",
    "stats": "--json",
    "status": "-s --session --json",
    "recover": "--max-age --json",
    "log-ai": "-p --provider -m --model -t --tokens -c --cost --prompt-tokens --completion-tokens --agent -s --session"
    " --json",
    "auto-log": "--provider --model --agent",
    "export": "-f --format -l --limit",
    "note": "-s --session --json",
    "run": "-n --name -p --port --no-proxy",
    "dashboard": "-p --port --host --no-open --json",
    "proxy": "-p --port -s --session",
    "pricing list": "--json",
    "pricing set": "--provider",
    "today": "--ai --share --json",
    "today init": "-n --name",
    "today add": "-n --name",
    "today ls": "--json",
}


@pytest.mark.parametrize("name", OPTIONS_OF_THE_NPM_TOOL)
def test_the_npm_tools_options_are_all_there(name: str) -> None:
    """In the short form too: what scripts type goes on working."""
    command: click.Command | None = cli
    for part in name.split():
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), part)
    assert command is not None
    known = {spelling for each in command.params for spelling in each.opts}
    assert set(OPTIONS_OF_THE_NPM_TOOL[name].split()) <= known


@pytest.mark.parametrize("named", ["abc", "999"])
def test_a_variable_that_names_no_session_is_named(cs: Cs, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    """It decides which session is meant: a wrong one is the reason that none is found."""
    monkeypatch.setenv("CODESESSION_SESSION_ID", named)
    error = cs("status", "--json").error
    assert (error["code"], error["message"]) == (
        "no_active_session",
        f"no active session; CODESESSION_SESSION_ID={named} names none",
    )
    cs("start", "task", "--json")
    cs("end", "--json")
    assert cs("end", "-s", "1", "--json").error["message"] == 'session 1 "task" has already ended'


def test_the_choices_of_an_argument_are_said_on_one_line(cs: Cs) -> None:
    """Without the gaps that click's lines would leave."""
    assert "Choose from: bash, zsh, fish\n" in cs("completions").err


def test_misuse_of_an_option_names_the_command_in_the_hint(cs: Cs) -> None:
    """Also where click forgets it, and of a group's the one that was meant."""
    assert "`cs list --help`" in cs("list", "--limit").err
    assert "`cs alerts add --help`" in cs("alerts", "add", "--rate").err


@pytest.mark.parametrize("name", ["alerts", "budget", "ci", "hooks", "pricing", "proxy", "today"])
def test_a_group_lists_its_commands_with_whole_sentences(cs: Cs, name: str) -> None:
    """In 80 columns none is cut."""
    assert "..." not in cs(name, "--help").out.split("Commands:")[1]


@pytest.mark.parametrize(("typed", "near"), [("--utnil", "did you mean --until? `"), ("--offline", "`"), ("-j", "`")])
def test_a_misspelt_option_is_pointed_at_by_one_that_is_like_it(cs: Cs, typed: str, near: str) -> None:
    """And by none that is not: `--since` is no slip for `--offline`."""
    error = f"error: no such option '{typed}'\nhint: {near}cs report --help` shows how it is used\n"
    assert cs("report", "daily", typed) == Answer(1, "", error)


@pytest.mark.parametrize("group", [("budget",), ("pricing",), ("ci",), ("hooks",), ("alerts",), ()])
def test_a_group_that_is_asked_for_json_misses_its_command(cs: Cs, group: tuple[str, ...]) -> None:
    """The option is right, and belongs to what is not there yet."""
    error = cs(*group, "--json").error
    assert (error["code"], error["message"]) == ("invalid_input", "missing command")
    assert f"{' '.join(('cs', *group))} --help" in error["hint"]


def test_json_behind_two_dashes_is_an_argument(cs: Cs) -> None:
    """`cs note -- --json` is about a note that says so."""
    done = cs("note", "--", "--json")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: no active session")


def test_no_arguments_show_the_help(cs: Cs) -> None:
    """The first thing anybody types."""
    for group in ((), ("pricing",)):
        done = cs(*group)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("Usage: cs")
        assert done.out.count("\n") > 5


def test_both_names_are_installed() -> None:
    """The npm tool had them both."""
    scripts = {entry.name: entry.value for entry in entry_points(group="console_scripts")}
    assert scripts["cs"] == scripts["codesession"] == "codesession.cli.entry:entry_point"


@pytest.mark.parametrize("command", [["list"], ["list", "--json"], ["export"], ["show", "99", "--json"], ["--help"]])
def test_a_reader_that_leaves_ends_it_quietly(shell: Shell, command: list[str]) -> None:
    """`cs list | head -0`: status 141 as for any program, and no word about it."""
    shell.ok("start", "task", "--json")
    read, write = os.pipe()
    os.close(read)
    done = shell.cs(*command, stdout=write)
    os.close(write)
    assert (done.code, done.err) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("command", [["list"], ["list", "--json"], ["export", "--format", "csv"]])
def test_a_full_disk_behind_stdout_is_an_error_in_words(shell: Shell, command: list[str]) -> None:
    """`cs export > file` must not look as if it had worked."""
    with open("/dev/full", "wb") as full:
        done = shell.cs(*command, stdout=full)
    assert done.code == 1
    assert done.err.startswith("error: ")
    assert "No space left" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&- <&-"])
@pytest.mark.parametrize("command", ["status", "note x --json", "nonsense"])
def test_closed_streams_are_streams_nobody_reads(shell: Shell, command: str, closed: str) -> None:
    """Daemons and cron start programs so; the work is done all the same."""
    shell.ok("start", "task", "--json")
    line = f'exec "$0" -m codesession {command} {closed}'
    done = subprocess.run(
        ["sh", "-c", line, sys.executable], cwd=shell.cwd, env=shell.environment(), capture_output=True, check=False
    )
    assert done.returncode == (1 if command == "nonsense" else 0), done
    assert b"Traceback" not in done.stderr


def test_the_same_command_works_without_an_environment(shell: Shell) -> None:
    """No HOME, no PATH, no locale: the home folder is the account's."""
    done = subprocess.run(
        [sys.executable, "-m", "codesession", "stats", "--json"],
        env={"PYTHONPATH": shell.environment()["PYTHONPATH"], "CODESESSION_DB_PATH": str(shell.home / "x.db")},
        cwd=shell.cwd,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    "env",
    [
        {"TZ": "Nonsense/Zone"},
        {"LC_ALL": "xx_YY.UTF-16"},
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C"},
        {"COLUMNS": "x"},
    ],
)
def test_an_odd_environment_changes_no_character(shell: Shell, env: dict[str, str]) -> None:
    """Output is UTF-8 whatever the locale says: JSON is by its own rules, words come with the same marks."""
    shell.ok("start", "Größe 🤖", "--json", env=env)
    assert shell.ok("status", "--json", env=env)["name"] == "Größe 🤖"
    listed = shell.cs("list", env=env)
    assert listed.code == 0
    assert "● Größe" in listed.out


def test_a_working_directory_that_is_gone_is_said(shell: Shell) -> None:
    """What does not need it works."""
    shell.ok("start", "task", "--json")
    gone = shell.cwd / "gone"
    gone.mkdir()
    line = 'rmdir "$PWD"; "$0" -m codesession status --json; "$0" -m codesession list --json'
    done = subprocess.run(
        ["sh", "-c", line, sys.executable],
        cwd=gone,
        env=shell.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "the working directory is gone" in done.stdout
    assert '"name": "task"' in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("argument", ["ünï".encode("latin-1"), b"\xed\xa0\x80"])
@pytest.mark.parametrize(
    "command", [("start",), ("show",), ("note",), ("log-ai", "-m", "m", "-t", "1", "-c", "1", "-p"), ()]
)
def test_arguments_that_are_no_text_break_nothing(shell: Shell, command: tuple[str, ...], argument: bytes) -> None:
    """A misconfigured terminal sends such bytes: an answer in JSON or an envelope, never a traceback."""
    done = shell.cs(*command, argument, "--json")
    assert done.code in (0, 1)
    assert isinstance(done.json, dict)
    assert "Traceback" not in done.err


@pytest.mark.parametrize("misuse", [["--bogus"], ["--agent"], ["word"], ["--json"]])
def test_misuse_of_what_a_hook_calls_is_said_and_stops_no_agent(cs: Cs, misuse: list[str]) -> None:
    """An agent would show, or obey, another exit status."""
    done = cs("auto-log", *misuse)
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("error: ")
