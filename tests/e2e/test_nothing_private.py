"""After real SDKs have talked through `cs run`, everything on disk and on stderr is searched for what they said."""

from __future__ import annotations

import base64
import json
import sys

from support import wires
from support.fake_provider import End, FakeProvider
from support.shell import Shell

PROMPT = "the-secret-PROMPT-of-nobody"
KEY = "sk-ant-the-KEY-of-nobody"
ANSWERS = ("héllo", "lookup_weather", "a.py")
"""Text, and arguments of tools, as the provider answers."""

AGENT = f"""
import os, sys, warnings
warnings.simplefilter("ignore")
import anthropic, openai
from google import genai
key, prompt = {KEY!r}, {PROMPT!r}
messages = [{{"role": "user", "content": prompt}}]
attempts = []
claude = anthropic.Anthropic(api_key=key, max_retries=0)
gpt = openai.OpenAI(api_key=key, max_retries=0, organization="org-" + key)
gemini = genai.Client(api_key=key, http_options={{"base_url": os.environ["GOOGLE_GEMINI_BASE_URL"]}})
asked = dict(model="claude-sonnet-4-5", max_tokens=9, messages=messages, system=prompt)
attempts.append(lambda: claude.messages.create(**asked))
attempts.append(lambda: list(claude.messages.create(**asked, stream=True)))
attempts.append(lambda: list(gpt.chat.completions.create(model="gpt-5.1", messages=messages, stream=True, user=prompt)))
attempts.append(lambda: gpt.responses.create(model="gpt-5.1", input=prompt, metadata={{"note": prompt}}))
attempts.append(lambda: gemini.models.generate_content(model="gemini-2.5-flash", contents=prompt))
import urllib.request
url = os.environ["GOOGLE_GEMINI_BASE_URL"] + "/v1beta/models/gemini-2.5-flash:generateContent?key=" + key
attempts.append(lambda: urllib.request.urlopen(url, b'{{"contents": "' + prompt.encode() + b'"}}', timeout=20).read())
done = 0
for attempt in attempts * int(os.environ.get("ROUNDS", 1)):
    try:
        attempt()
        done += 1
    except Exception as error:
        pass
print(done)
"""
CALLS = 6


def forbidden() -> list[bytes]:
    """What must be nowhere, as it is and as JSON or base64 would write it."""
    words = (PROMPT, KEY, *ANSWERS[:1])
    plain = [word.encode() for word in words]
    escaped = [json.dumps(word)[1:-1].encode() for word in words]
    packed = [base64.b64encode(word.encode())[:-4] for word in words[:2]]
    return [*plain, *escaped, *packed, b"the-secret", b"-of-nobody"]


def everything(shell: Shell) -> dict[str, bytes]:
    """Every file below the user's home, the ledger's log included."""
    return {str(path.relative_to(shell.home)): path.read_bytes() for path in shell.home.rglob("*") if path.is_file()}


def nothing_private(found: dict[str, bytes]) -> None:
    for where, data in found.items():
        for word in forbidden():
            assert word not in data, (where, word)


def environment(provider: FakeProvider) -> dict[str, str]:
    """Every client's calls end up at this provider."""
    return {f"CODESESSION_UPSTREAM_{name}": provider.url for name in ("ANTHROPIC", "OPENAI", "GOOGLE")}


def test_of_calls_that_went_well_or_failed_nothing_is_kept(shell: Shell) -> None:
    """Neither prompts, answers and keys, nor a key in a query string; also of providers that break off or repeat it."""
    error = b"HTTP/1.1 500 " + KEY.encode() + b"\r\ncontent-length: 0\r\n\r\n"
    rounds = (wires.answer, lambda _: [End.RESET], lambda _: [error])
    (shell.cwd / "agent.py").write_text(AGENT)
    with FakeProvider() as provider:
        provider.respond = lambda request: rounds[(len(provider.requests) - 1) // CALLS](request)
        env = {**environment(provider), "ROUNDS": str(len(rounds))}
        process = shell.start("run", "--", sys.executable, "agent.py", env=env)
        out, err = process.communicate(timeout=90)
        assert len(provider.requests) == CALLS * len(rounds)
        assert any(PROMPT.encode() in request.body for request in provider.requests), "the test says something"
    assert (process.returncode, int(out)) == (0, CALLS), err
    assert shell.ok("show", "--json")["aiCalls"] >= 3
    nothing_private({**everything(shell), "stderr": err})


def test_what_waits_for_the_ledger_says_nothing_either(shell: Shell) -> None:
    """The spool holds counts and names."""
    shell.ok("start", "task", "--json")
    (shell.cwd / "agent.py").write_text(AGENT)
    with FakeProvider() as provider:
        agent = [
            sys.executable,
            "-c",
            "import runpy, sqlite3, sys\n"
            "holder = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
            "holder.execute('BEGIN IMMEDIATE')\n"
            "runpy.run_path('agent.py')\n"
            "import shutil, time; time.sleep(1.5)\n"
            "shutil.copy(sys.argv[1] + '.spool', sys.argv[1] + '.seen')\n",
        ]
        process = shell.start("run", "--", *agent, str(shell.ledger), env=environment(provider))
        out, err = process.communicate(timeout=90)
    assert (process.returncode, int(out)) == (0, CALLS), err
    assert shell.ledger.with_name("sessions.db.seen").read_bytes().count(b"\n") >= 3
    nothing_private({**everything(shell), "stderr": err})
