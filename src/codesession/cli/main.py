"""The `cs` command: finds the command's file when it is called, and turns every error into words or an envelope."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, TextIO

import click

from codesession import __version__
from codesession.app import App
from codesession.cli.output import prepare_streams, report_error
from codesession.errors import CodesessionError, InvalidInputError, NoActiveSessionError, UnavailableError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "run": ("run", "Run a command and see what it costs."),
    "start": ("start", "Begin a session."),
    "status": ("status", "Show the session you are in."),
    "end": ("end", "End a session and show what it cost."),
    "note": ("note", "Keep a remark with the session."),
    "log-ai": ("log_ai", "Record a model call by hand."),
    "show": ("show", "Show one session."),
    "list": ("list", "List sessions, newest first."),
    "stats": ("stats", "Totals over completed sessions."),
    "today": ("today", "Where all your projects stand this morning."),
    "report": ("report", "What was used and what it cost, by day, model, session, …"),
    "live": ("live", "Watch what is being spent right now."),
    "reconcile": ("reconcile", "Compare what proxy, logs and others saw."),
    "export": ("export", "Write sessions, calls or charges for other programs."),
    "ci": ("ci", "What a pull request cost, for its reviewers."),
    "recover": ("recover", "End sessions that were left open."),
    "import": ("import_logs", "Import agents' own logs, every call once."),
    "auto-log": ("auto_log", "Import what a hook of an agent points at."),
    "dashboard": ("dashboard", "See everything in the browser."),
    "proxy": ("proxy", "Listen as a local API proxy."),
    "doctor": ("doctor", "Check the installation and say what to do."),
    "mcp": ("mcp", "Serve sessions, costs and budgets to agents over MCP."),
    "setup": ("setup", "Connect an agent: skill, hooks, status line, MCP."),
    "budget": ("budget", "Say what may be spent, see what is left, allow more."),
    "alerts": ("alerts", "Be told when money goes fast."),
    "hook": ("hook", "Answer a hook of an agent."),
    "hooks": ("hooks", "Let an agent's hooks keep to the budgets."),
    "statusline": ("statusline", "One line for Claude Code's status bar."),
    "metrics": ("metrics", "Print the ledger's sums for Prometheus."),
    "completions": ("completions", "Print the completion script of your shell."),
    "pricing": ("pricing", "Look at prices and set your own."),
}
"""Command to (module, one line of help): `cs --help` loads none of them."""

ALIASES = {"ls": "list"}

_NO_NUMBER = re.compile("is not a valid (integer|float)( range)?")
"""What click says of `--port abc`."""
_TOO_MANY_WORDS = "got unexpected extra argument"
"""What click says of `cs start Fix the bug`."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or of that alias."""
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in COMMANDS:
            return None
        module = import_module(f"codesession.cli.{COMMANDS[name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names of commands, then of options, without loading any command."""
        from click.shell_completion import CompletionItem

        known = COMMANDS.items()
        names = [CompletionItem(name, help=text) for name, (_, text) in known if name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a hint for a misspelt name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise InvalidInputError(f"no such command '{args[0]}'", hint=_similar(args[0])) from error


def _similar(name: str) -> str:
    from difflib import get_close_matches

    from codesession.cli.report import KINDS
    from codesession.importers.registry import BUILT_IN, meant

    if name in KINDS:  # ccusage has a command for each, and for each agent
        return f"did you mean `cs report {name}`?"
    if meant(name) in BUILT_IN:
        return f"did you mean `cs report --agent {meant(name)}`?"
    close = " or ".join(f"`cs {each}`" for each in get_close_matches(name, COMMANDS, n=2))
    return f"did you mean {close}?" if close else "`cs --help` lists the commands"


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Try: cs run -- your-agent   (cs COMMAND --help says more)",
)
@click.version_option(__version__, "-V", "--version", message="%(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """See what every AI agent run costs, in dollars you can trust, and stop a run that reaches its budget."""
    ctx.obj = App()
    ctx.call_on_close(ctx.obj.close)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status, which of what hooks call is 0 whatever happens."""
    argv = list(sys.argv[1:] if arguments is None else arguments)
    if argv[:1] == ["help"]:
        argv = [*argv[1:], "--help"]
    status = _told(argv)
    return 0 if argv[:1] == ["auto-log"] else status


def _told(argv: list[str]) -> int:
    """Run one command and tell whatever becomes of it."""
    prepare_streams()
    try:
        status = _run(argv, as_json=_wants_json(argv))
        sys.stdout.flush()  # not at Python's end, where a failure could only be complained of
    except (BrokenPipeError, SystemExit):  # the latter is click's answer to a reader who left
        status = _reader_left()
    except OSError as error:
        status = _system_refused(error, as_json=_wants_json(argv))
    try:
        sys.stderr.flush()
    except OSError:  # nobody reads what was said beside the answer: that changes no status
        _forget(sys.stderr)
    return status


def _run(argv: list[str], *, as_json: bool) -> int:
    try:
        status = cli.main(args=argv, prog_name="cs", standalone_mode=False)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.exceptions.NoArgsIsHelpError as asked:
        click.echo(asked.format_message())
        return 0
    except click.ClickException as misuse:
        return report_error(_misuse(misuse, argv), as_json=as_json)
    except CodesessionError as error:
        return report_error(_with_environment(error), as_json=as_json)
    except (KeyboardInterrupt, click.Abort):
        return 130
    return status if isinstance(status, int) else 0


def _with_environment(error: CodesessionError) -> CodesessionError:
    """No session was found though the environment names one: that must not be passed over in silence."""
    named = os.environ.get("CODESESSION_SESSION_ID", "").strip()
    if named and isinstance(error, NoActiveSessionError) and error.message == NoActiveSessionError().message:
        error.message += f"; CODESESSION_SESSION_ID={named} names none"
    return error


def _wants_json(argv: Sequence[str]) -> bool:
    """Whether an error must be JSON too; the words behind `--` and those of a wrapped command are not ours."""
    if argv[:1] in (["run"], ["auto-log"]):
        return False
    return "--json" in (argv[: argv.index("--")] if "--" in argv else argv)


def _misuse(misuse: click.ClickException, argv: Sequence[str]) -> InvalidInputError:
    """In our words; click does not say of every misuse which command it was."""
    path = misuse.ctx.command_path if isinstance(misuse, click.UsageError) and misuse.ctx else _command_path(argv)
    message = _NO_NUMBER.sub(_no_number, " ".join(misuse.format_message().split()).rstrip("."))
    hint = f"`{path} --help` shows how it is used"
    if isinstance(misuse, click.NoSuchOption):
        message = f"no such option '{misuse.option_name}'"
        if misuse.option_name == "--json" and _is_group(misuse.ctx):
            message = "missing command"
        elif close := _close_options(misuse):
            hint = f"did you mean {close}? {hint}"
    if message.lower().startswith(_TOO_MANY_WORDS) and path in ("cs start", "cs note"):
        hint = f'put the words in quotes: {path} "…"'
    return InvalidInputError(message[:1].lower() + message[1:], hint=hint)


def _close_options(misuse: click.NoSuchOption) -> str:
    """What is spelt nearly so; click compares the dashes too, and finds `--since` for `--offline`."""
    from difflib import get_close_matches

    names = {each.lstrip("-"): each for each in misuse.possibilities or ()}
    return " or ".join(names[each] for each in get_close_matches(misuse.option_name.lstrip("-"), names, cutoff=0.7))


def _no_number(said: re.Match[str]) -> str:
    return "is no whole number" if said[1] == "integer" else "is no number"


def _command_path(argv: Sequence[str]) -> str:
    command: click.Command | None = cli
    path = ["cs"]
    for word in argv:
        if isinstance(command, click.Group) and (command := command.get_command(click.Context(command), word)):
            path.append(word)
    return " ".join(path)


def _is_group(ctx: click.Context | None) -> bool:
    return ctx is not None and isinstance(ctx.command, click.Group)


def _reader_left() -> int:
    """`cs list | head` ends like any other command whose reader went away."""
    _forget(sys.stdout)
    return 141


def _system_refused(error: OSError, *, as_json: bool) -> int:
    """A folder that vanished, a full disk behind stdout: nothing more on a stream that may be broken."""
    reason = error.strerror or str(error)
    if error.filename:
        return report_error(UnavailableError(f"{error.filename}: {reason}"), as_json=as_json)
    _forget(sys.stdout)
    return report_error(UnavailableError(f"{reason} (while writing the answer, or a file)"), as_json=False)


def _forget(stream: TextIO) -> None:
    """What a stream still holds cannot be written: without this Python would try again at its end, and complain."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, stream.fileno())
    os.close(devnull)
