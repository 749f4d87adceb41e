"""Tokens, codes, cookies and names."""

from __future__ import annotations

import pytest

from codesession.web import access as module
from codesession.web.access import Access
from codesession.web.problems import UnauthorizedError
from support.web_server import Dashboard


def test_the_token_opens_the_page_and_leaves_the_address_bar(dashboard: Dashboard) -> None:
    """The answer is a redirect with a cookie that no script can read and no other site can send."""
    reply = dashboard.raw("GET", f"/?token={dashboard.access.token}")

    assert (reply.status, reply.headers["location"]) == (303, "/")
    assert "HttpOnly" in reply.headers["set-cookie"] and "SameSite=strict" in reply.headers["set-cookie"]
    assert dashboard.access.token not in reply.headers["set-cookie"]
    assert dashboard.raw("GET", "/api/v1/settings", headers={"Cookie": dashboard.cookie}).status == 200


def test_a_wrong_token_opens_nothing_and_leaves_the_address_bar_too(dashboard: Dashboard) -> None:
    """The page then says what to do."""
    reply = dashboard.raw("GET", "/sessions/3?token=wrong")

    assert (reply.status, reply.headers["location"]) == (303, "/sessions/3")
    assert "set-cookie" not in reply.headers


@pytest.mark.parametrize(
    "cookie", ["", "codesession_{port}=", "codesession_{port}=wrong", "codesession_1={secret}", ";;=", "\x7f=1"]
)
def test_another_cookie_opens_nothing(dashboard: Dashboard, cookie: str) -> None:
    """Neither one of another server nor something broken."""
    secret = dashboard.cookie.partition("=")[2]
    given = cookie.format(port=dashboard.port, secret=secret)

    assert dashboard.raw("GET", "/api/v1/settings", headers={"Cookie": given}).status == 401


@pytest.mark.parametrize("given", ["Bearer", "Bearer ", "Basic dTpw", "bearer wrong", "{token}", "Bearer é"])
def test_another_authorization_opens_nothing(dashboard: Dashboard, given: str) -> None:
    """Only the whole token with its word."""
    header = given.format(token=dashboard.access.token).encode("utf-8").decode("latin-1")

    assert dashboard.raw("GET", "/api/v1/settings", headers={"Authorization": header}).status == 401


def test_the_token_is_not_read_from_an_api_query(dashboard: Dashboard) -> None:
    """It would stay in logs and histories."""
    assert dashboard.raw("GET", f"/api/v1/settings?token={dashboard.access.token}").status == 401


def test_a_login_gives_the_cookie(dashboard: Dashboard) -> None:
    """For a page that was opened without the first URL."""
    wrong = dashboard.raw("POST", "/api/v1/login", b'{"token": "x"}', {"Content-Type": "application/json"})
    body = f'{{"token": "{dashboard.access.token}"}}'.encode()
    right = dashboard.raw("POST", "/api/v1/login", body, {"Content-Type": "application/json"})

    assert wrong.status == 401 and "set-cookie" not in wrong.headers
    assert right.status == 200 and right.headers["set-cookie"].startswith(dashboard.cookie)


def test_a_code_opens_the_page_once(dashboard: Dashboard) -> None:
    """What stands on a browser's command line is worth nothing afterwards."""
    code = dashboard.ask("POST", "/api/v1/launch", {}).json["code"]

    assert "set-cookie" in dashboard.raw("GET", f"/?token={code}").headers
    assert "set-cookie" not in dashboard.raw("GET", f"/?token={code}").headers


def test_a_code_is_good_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is a wrong token."""
    access, now = Access(port=1), [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    code = access.new_code()
    now[0] += 61

    with pytest.raises(UnauthorizedError):
        access.check_first(code)


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("box.lan:80", True),
        ("BOX.lan", True),
        ("192.168.1.5:3737", True),
        ("[fe80::1]:3737", True),
        ("localhost:9", True),
        ("evil.example", False),
        ("box.lan.evil.example", False),
        ("1.2.3.4.evil.example", False),
        ("", False),
    ],
)
def test_beyond_loopback_addresses_and_named_hosts_are_answered(host: str, known: bool) -> None:
    """An address cannot be rebound; of names only those that were given."""
    assert Access(port=3737, remote_names=frozenset({"box.lan"})).knows_host(host) is known
