"""Every command as it describes itself: the help of the terminal and of the page are one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codesession import __version__
from codesession.web.schemas.system import Help, HelpCommand, HelpOption

if TYPE_CHECKING:
    import click

    from codesession.app import App


def help_of_commands(_: App, group: click.Group | None) -> Help:
    """All commands of a click group; none where the server was not started by one."""
    if group is None:
        return Help(version=__version__, commands=[])
    import click

    context = click.Context(group, info_name="cs")
    return Help(version=__version__, commands=_commands(group, context))


def _commands(group: click.Group, context: click.Context) -> list[HelpCommand]:
    found = ((name, group.get_command(context, name)) for name in group.list_commands(context))
    return [_command(name, command, context) for name, command in found if command is not None and not command.hidden]


def _command(name: str, command: click.Command, parent: click.Context) -> HelpCommand:
    import click

    context = click.Context(command, info_name=name, parent=parent)
    inner = _commands(command, context) if isinstance(command, click.Group) else []
    return HelpCommand(
        name=context.command_path,
        summary=command.get_short_help_str(limit=200),
        usage=" ".join([context.command_path, *command.collect_usage_pieces(context)]),
        text=_text(command.help),
        options=[
            _option(parameter, context) for parameter in command.params if not getattr(parameter, "hidden", False)
        ],
        commands=inner,
    )


def _text(words: str | None) -> str:
    """Paragraphs without the indentation of the source, and without click's marks."""
    lines = [line.strip() for line in (words or "").strip().splitlines() if line.strip() != "\b"]
    return "\n".join(lines)


def _option(parameter: click.Parameter, context: click.Context) -> HelpOption:
    default: Any = parameter.get_default(context, call=False)
    switch = bool(getattr(parameter, "is_flag", False))
    shown = default is not None and not switch and isinstance(default, str | int | float) and default != ""
    return HelpOption(
        names=[*parameter.opts, *parameter.secondary_opts],
        help=getattr(parameter, "help", None) or "",
        value=None if switch else parameter.make_metavar(context),
        required=parameter.required,
        default=str(default) if shown else None,
    )
