"""Settings: the environment before the file before the default, and every mistake by its name."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from codesession.errors import InvalidInputError
from codesession.settings import load_settings


def write(home: Path, text: str | bytes) -> dict[str, str]:
    """A home with this configuration; the environment that leads there."""
    folder = home / ".codesession"
    folder.mkdir(exist_ok=True)
    (folder / "config.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return {"HOME": str(home)}


def test_without_anything_everything_is_in_the_home_folder(tmp_path: Path) -> None:
    """And nothing is created by looking."""
    settings = load_settings({"HOME": str(tmp_path)})
    assert settings.ledger_path == tmp_path / ".codesession" / "sessions.db"
    assert settings.price_overrides == tmp_path / ".codesession" / "pricing.json"
    assert (settings.agent_name, settings.session_id, settings.proxy_port, settings.inject_usage) == (
        None,
        None,
        None,
        True,
    )
    assert list(tmp_path.iterdir()) == []


def test_the_file_says_what_the_environment_does_not(tmp_path: Path) -> None:
    """Each key of each section."""
    env = write(
        tmp_path,
        '[ledger]\npath = "/l.db"\nurl = "postgresql://x"\n[agent]\nname = "file"\n[proxy]\nport = 4000\n'
        'inject_usage = false\n[upstreams]\nopenai = "https://gw"\n[aliases]\n"my-azure" = "gpt-5"\n',
    )
    settings = load_settings(env)
    assert (settings.ledger_path, settings.ledger_url, settings.agent_name) == (Path("/l.db"), "postgresql://x", "file")
    assert (settings.proxy_port, settings.inject_usage) == (4000, False)
    assert (settings.upstreams, settings.aliases) == ({"openai": "https://gw"}, {"my-azure": "gpt-5"})

    over = {
        "CODESESSION_DB_PATH": "/e.db",
        "CODESESSION_AGENT_NAME": "env",
        "CODESESSION_UPSTREAM_OPENAI": "https://e/",
    }
    settings = load_settings({**env, **over})
    assert (settings.ledger_path, settings.agent_name, settings.upstreams) == (
        Path("/e.db"),
        "env",
        {"openai": "https://e"},
    )


def test_a_variable_means_the_provider_whose_hyphens_it_cannot_spell(tmp_path: Path) -> None:
    """One of the file, or one that is known; any other name is taken as it is written."""
    env = write(tmp_path, '[upstreams]\nmy-gateway = "https://file"\n')
    names = ("MY_GATEWAY", "GOOGLE_CODE_ASSIST", "MY_OTHER")
    found = load_settings({**env, **{f"CODESESSION_UPSTREAM_{name}": "https://e" for name in names}}).upstreams
    assert found == dict.fromkeys(("my-gateway", "google-code-assist", "my_other"), "https://e")


def test_empty_variables_say_nothing(tmp_path: Path) -> None:
    """`CODESESSION_DB_PATH= cs list` means the default."""
    env = write(tmp_path, '[agent]\nname = "file"\n')
    empty = dict.fromkeys(("CODESESSION_DB_PATH", "CODESESSION_AGENT_NAME", "CODESESSION_UPSTREAM_OPENAI"), "")
    settings = load_settings({**env, **empty})
    assert (settings.ledger_path.name, settings.agent_name, settings.upstreams) == ("sessions.db", "file", {})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[upstream]\nopenai = 'x'\n", "[upstream]"),
        ("ledger = 'x'\n", "[ledger]"),
        ("[proxy]\nports = 1\n", "proxy.ports"),
        ("[proxy]\nport = '1'\n", "proxy.port"),
        ("[proxy]\nport = true\n", "proxy.port"),
        ("[proxy]\nport = 0\n", "proxy.port"),
        ("[proxy]\nport = 70000\n", "proxy.port"),
        ("[proxy]\ninject_usage = 1\n", "proxy.inject_usage"),
        ("[ledger]\npath = 5\n", "ledger.path"),
        ("[upstreams]\nopenai = 5\n", "upstreams.openai"),
        ("[ledger]\npath = '~nobody-has-this-name/x.db'\n", "~nobody-has-this-name"),
        ("[ledger\n", "config.toml"),
        (b"\xff\xfe", "config.toml"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str | bytes, named: str) -> None:
    """A setting that is silently ignored is worse than none."""
    with pytest.raises(InvalidInputError) as caught:
        load_settings(write(tmp_path, text))
    assert named in caught.value.message


def test_a_folder_where_the_file_should_be_is_an_error_that_names_it(tmp_path: Path) -> None:
    """Also a link that leads nowhere: a setting was meant."""
    folder = tmp_path / ".codesession"
    (folder / "config.toml").mkdir(parents=True)
    with pytest.raises(InvalidInputError, match=r"config\.toml"):
        load_settings({"HOME": str(tmp_path)})
    (folder / "config.toml").rmdir()
    (folder / "config.toml").symlink_to(folder / "nowhere")
    with pytest.raises(InvalidInputError, match=r"config\.toml"):
        load_settings({"HOME": str(tmp_path)})


@pytest.mark.parametrize("environment", [{}, {"HOME": ""}])
def test_without_home_it_is_the_accounts(environment: dict[str, str]) -> None:
    """Services and containers run so; the root of the disk is nobody's home."""
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    assert load_settings({**environment, "CODESESSION_DB_PATH": "/x"}).home == home / ".codesession"


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("7", 7),
        ("0", 0),
        ("", None),
        ("abc", None),
        ("-1", None),
        ("1.0", None),
        ("٣", None),
        ("9" * 5_000, None),
        ("9" * 19, None),
    ],
)
def test_only_a_number_of_ours_is_a_session(tmp_path: Path, value: str, number: int | None) -> None:
    """Whatever else is in the variable was not put there by `cs run`."""
    assert load_settings({"HOME": str(tmp_path), "CODESESSION_SESSION_ID": value}).session_id == number


@pytest.mark.parametrize(
    ("variable", "line", "served"),
    [("", "", False), ("", "serve = true", True), ("1", "", True), ("0", "serve = true", False), ("yes", "", False)],
)
def test_metrics_are_served_when_somebody_asks_for_it(tmp_path: Path, variable: str, line: str, served: bool) -> None:
    """Opt-in; the variable wins, and only 1 is yes, as with OpenTelemetry."""
    (tmp_path / ".codesession").mkdir()
    (tmp_path / ".codesession" / "config.toml").write_text(f"[metrics]\n{line}\n")
    settings = load_settings({"HOME": str(tmp_path), "CODESESSION_METRICS": variable})
    assert settings.serve_metrics is served


def test_a_ledger_on_a_server_is_called_without_its_password(tmp_path: Path) -> None:
    """Also where its name becomes part of a local file's."""
    url = "postgresql://ada:hush@db.example.com:5433/costs"
    settings = load_settings({"HOME": str(tmp_path), "CODESESSION_DATABASE_URL": url})
    assert settings.ledger_name == "postgresql://db.example.com:5433/costs"
    assert settings.ledger_place == tmp_path / ".codesession" / "postgresql-db.example.com-5433-costs"


def test_a_ledger_in_a_file_is_called_by_it(tmp_path: Path) -> None:
    """It is its own place."""
    settings = load_settings({"HOME": str(tmp_path)})
    assert (settings.ledger_name, settings.ledger_place) == (str(settings.ledger_path), settings.ledger_path)


def test_a_file_that_the_environment_names_beats_a_server_of_the_configuration(tmp_path: Path) -> None:
    """A server that the environment names beats both."""
    env = write(tmp_path, '[ledger]\nurl = "postgresql://db/costs"\n')
    assert load_settings({**env, "CODESESSION_DB_PATH": "/l.db"}).ledger_url is None
    both = {**env, "CODESESSION_DB_PATH": "/l.db", "CODESESSION_DATABASE_URL": "postgresql://other/costs"}
    assert load_settings(both).ledger_url == "postgresql://other/costs"
