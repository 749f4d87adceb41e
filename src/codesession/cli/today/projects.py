"""`cs today init|add|remove|projects`"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from codesession.app import App
from codesession.cli.options import FILLED, json_option
from codesession.cli.output import plain, print_json, say
from codesession.contract_today import project_json, projects_json
from codesession.errors import InvalidInputError
from codesession.services.scopes import folder_of


@click.command("init")
@click.option("-n", "--name", type=FILLED, help="Register this repository alone, under a name of yours.")
@click.option("-y", "--yes", is_flag=True, help="Register all of them without asking.")
@json_option
@click.pass_obj
def init(app: App, name: str | None, yes: bool, as_json: bool) -> None:
    """
    Register the repositories around here.

    Those around and below this folder, and those of your sessions.
    """
    if name is not None:
        _named(app, app.directory, name, as_json=as_json)
        return
    found = app.projects.candidates(app.directory)
    if found and not (as_json or yes or not sys.stdin.isatty()):
        for path in found:
            say(path)
        if not click.confirm(
            f"Register {'this' if len(found) == 1 else f'these {len(found)}'}?", default=True, err=True
        ):
            return
    _added(app, app.projects.add(Path(path) for path in found), as_json=as_json)


@click.command("add")
@click.argument("paths", nargs=-1, type=FILLED, required=True, metavar="PATH…")
@click.option("-n", "--name", type=FILLED, help="What to call it; for one PATH.")
@json_option
@click.pass_obj
def add(app: App, paths: Sequence[str], name: str | None, as_json: bool) -> None:
    """Register projects, each as the root of its repository."""
    folders = [app.directory / os.path.expanduser(path) for path in paths]
    if name is None:
        _added(app, app.projects.add(folders), as_json=as_json)
    elif len(folders) == 1:
        _named(app, folders[0], name, as_json=as_json)
    else:
        raise InvalidInputError("--name is for one PATH", hint="name them one by one")


@click.command("remove")
@click.argument("project", type=FILLED, metavar="PATH|NAME")
@json_option
@click.pass_obj
def remove(app: App, project: str, as_json: bool) -> None:
    """Forget a project. Its sessions stay."""
    removed = app.projects.remove(project, app.directory)
    if as_json:
        print_json(projects_json(app.projects.all(), removed=removed.path))
    else:
        click.echo(f"Forgot {plain(removed.path)}. Its sessions stay.")


@click.command("projects")
@json_option
@click.pass_obj
def list_projects(app: App, as_json: bool) -> None:
    """List the registered projects."""
    projects = app.projects.all()
    if as_json:
        print_json([project_json(each) for each in projects])
        return
    if not projects:
        click.echo("No project is registered. Begin with: cs today init")
    width = max((len(plain(each.label)) for each in projects), default=0)
    for each in projects:
        gone = "" if os.path.isdir(folder_of(each.path)) else "  (not there)"
        click.echo(f"{plain(each.label):<{width}}  {plain(each.path)}{gone}")


def _added(app: App, added: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        print_json(projects_json(app.projects.all(), added=list(added)))
        return
    if not added and app.projects.all():
        click.echo("Nothing new to register.")
    elif not added:
        click.echo("No repository was found around here. Register one with: cs today add PATH")
    for path in added:
        click.echo(f"Registered {plain(path)}")


def _named(app: App, folder: Path, name: str, *, as_json: bool) -> None:
    added = app.projects.add([folder])
    path = app.projects.call(folder, name)
    if as_json:
        print_json(projects_json(app.projects.all(), added=added))
    else:
        click.echo(f"Registered {plain(path)} as {plain(name)}")
