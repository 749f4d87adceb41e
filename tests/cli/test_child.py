"""Commands under the wrapper without a terminal: CI, daemons, pipes. Everything runs in real processes."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from codesession.cli.child import spawn

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and process groups are POSIX")

SRC = str(Path(__file__).parents[2] / "src")
PROGRAMS = Path(__file__).parent / "child_programs"
WRAPPER = (sys.executable, str(PROGRAMS / "wrapper.py"))
PROBE = (sys.executable, str(PROGRAMS / "probe.py"))
ENVIRONMENT = {**os.environ, "PYTHONPATH": SRC}

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start the driver around a command, in a session without a terminal; all of it is gone after the test."""
    running = []

    def start(*command: str, **options: Any) -> subprocess.Popen[str]:
        pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        settings = {"env": ENVIRONMENT, **pipes, **options}
        process = subprocess.Popen([*WRAPPER, *command], text=True, start_new_session=True, **settings)
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()
        for stream in filter(None, (process.stdin, process.stdout, process.stderr)):
            stream.close()


def run(start: Start, *command: str, stdin: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """The outcome of a command that ends by itself."""
    process = start(*command, **options)
    out, err = process.communicate(stdin, timeout=10)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def python(code: str) -> str:
    """What a fresh interpreter prints for `code`."""
    return subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=True, timeout=10
    ).stdout


def line(process: subprocess.Popen[str]) -> str:
    """The next line the command prints."""
    assert process.stdout
    return process.stdout.readline().rstrip(" .\n")


def probe(start: Start, *names: str) -> tuple[subprocess.Popen[str], int]:
    """A probe that is ready for the signals with these names, and its process id."""
    process = start(*PROBE, *names)
    return process, int(line(process).split()[1])


@pytest.mark.parametrize("code", [0, 3, 255])
def test_the_exit_status_is_the_commands_code(start: Start, code: int) -> None:
    """The wrapper adds nothing of its own."""
    assert run(start, "sh", "-c", f"exit {code}").returncode == code


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGINT])
def test_a_command_killed_by_a_signal_is_reported_as_a_shell_does(start: Start, signum: signal.Signals) -> None:
    """128 + the signal, as an exit code: the wrapper itself lives on to end the session."""
    assert run(start, "sh", "-c", f"ulimit -c 0; kill -{signum.value} $$").returncode == 128 + signum


def test_arguments_arrive_unchanged(start: Start) -> None:
    """No shell sees them; empty ones stay."""
    words = ["a b", "", "$HOME", "*", "q\"u'o", "--json", ";echo x", "ünï", ""]
    done = run(start, sys.executable, "-c", "import sys; print(sys.argv[1:])", *words)
    assert done.stdout.strip() == str(words)


def test_streams_are_the_commands_own(start: Start) -> None:
    """Standard input, output and error pass through untouched."""
    done = run(start, "sh", "-c", "tr a-z A-Z; echo words >&2", stdin="abc\n")
    assert (done.stdout, done.stderr) == ("ABC\n", "words\n")


def test_a_reader_that_leaves_ends_the_command_quietly(start: Start) -> None:
    """`cs run yes | head -1`: SIGPIPE acts in the command although Python ignores it."""
    process = start("yes")
    assert process.stdout and process.stdout.readline() == "y\n"
    process.stdout.close()
    assert process.wait(timeout=10) == 128 + signal.SIGPIPE


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_command_starts_with_a_clean_signal_state(start: Start) -> None:
    """Nothing blocked, nothing ignored, as from a shell."""
    lines = run(start, "grep", "^Sig", "/proc/self/status").stdout.split()
    state = dict(zip(lines[::2], lines[1::2], strict=True))
    own_to_libc = 0b11 << 31  # glibc's posix_spawn leaves its two internal signals, 32 and 33, ignored.
    assert int(state["SigBlk:"], 16) == int(state["SigIgn:"], 16) & ~own_to_libc == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_command_inherits_no_descriptor_of_ours(start: Start) -> None:
    """Only the three streams; 3 is the listing's own."""
    assert run(start, "ls", "/proc/self/fd").stdout.split() == ["0", "1", "2", "3"]


def test_a_signal_that_was_ignored_before_us_stays_ignored(start: Start) -> None:
    """`nohup cs run agent`: the agent survives SIGHUP as it would under nohup alone."""
    handlers = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process = start("sh", "-c", "echo ready; kill -HUP $$; read line; echo alive")
    finally:
        signal.signal(signal.SIGHUP, handlers)
    assert process.stdout and process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGHUP)
    assert process.communicate("go\n", timeout=10)[0] == "alive\n"


def test_the_exit_status_survives_a_parent_that_ignores_children() -> None:
    """With SIGCHLD inherited as ignored the kernel would throw the status away."""
    ignore = (
        "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    )
    outer = [sys.executable, "-c", ignore, *WRAPPER, "sh", "-c", "exit 5"]
    done = subprocess.run(outer, env=ENVIRONMENT, check=False, timeout=10)
    assert done.returncode == 5


def test_a_missing_command_is_127_and_named(start: Start) -> None:
    """As in a shell, with a hint."""
    done = run(start, "no-such-command-xyz", "x")
    assert done.returncode == 127
    assert done.stderr.startswith("no-such-command-xyz: command not found | is it installed")


def test_a_line_given_as_one_word_is_explained(start: Start) -> None:
    """`cs run "npm test"` is the commonest slip."""
    done = run(start, "npm test")
    assert done.returncode == 127 and "cs run sh -c 'npm test'" in done.stderr
    (*_, line) = shlex.split(run(start, "sh -c 'exit 4'").stderr.rpartition("cs run ")[2])
    assert line == "sh -c 'exit 4'"


def test_a_program_in_the_current_directory_is_pointed_at(start: Start, tmp_path: Path) -> None:
    """The current directory is not on PATH."""
    (tmp_path / "agent").write_text("#!/bin/sh\n")
    done = run(start, "agent", cwd=tmp_path)
    assert done.returncode == 127 and "cs run ./agent" in done.stderr


@pytest.mark.parametrize(
    ("text", "mode", "status", "words"),
    [
        ("#!/bin/sh\n", 0o644, 126, "permission denied | make it executable: chmod +x"),
        ("no first line\n", 0o755, 126, "not a program for this machine | a script needs a first line"),
        ("#!/no/such/interpreter\n", 0o755, 127, "the interpreter that"),
        (None, 0o755, 126, "is a directory"),
    ],
)
def test_what_cannot_be_executed_says_why(
    start: Start, tmp_path: Path, text: str | None, mode: int, status: int, words: str
) -> None:
    """126 for a file that is there but does not run; a missing interpreter is 127 as in bash."""
    path = tmp_path / "agent"
    path.mkdir() if text is None else path.write_text(text)
    path.chmod(mode)
    done = run(start, str(path))
    assert done.returncode == status
    assert done.stderr.startswith(f"{path}: {words}")


def test_the_command_leads_a_group_of_its_own(start: Start) -> None:
    """Without a terminal nobody else is in it, so the whole of it may be signalled."""
    done = run(start, sys.executable, "-c", "import os; print(os.getpgrp() == os.getpid() != os.getppid())")
    assert done.stdout == "True\n"


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_to_us_reaches_the_command_once(start: Start, signum: signal.Signals) -> None:
    """It comes through exactly one time, and the command decides what follows."""
    process, _ = probe(start, signum.name)
    process.send_signal(signum)
    assert line(process) == f"got {signum.name}"
    process.send_signal(signal.SIGUSR2)
    assert line(process) == "got SIGUSR2"
    assert process.wait(timeout=10) == 7


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_us_reaches_grandchildren(start: Start, signum: signal.Signals) -> None:
    """A program that runs a tool: both are told. Output ends only when the last that holds it is gone."""
    process = start(sys.executable, "-c", "import subprocess; subprocess.run(['sh', '-c', 'echo up; exec sleep 100'])")
    assert line(process) == "up"
    process.send_signal(signum)
    assert process.communicate(timeout=10)[0] == ""
    assert process.returncode == 128 + signum


def test_a_private_signal_goes_to_the_command_alone(start: Start) -> None:
    """SIGUSR1 would kill a tool that the agent runs and that knows nothing of it."""
    tool = "sh -c 'echo up; read word; echo tool $word' <&3"
    process = start("bash", "-c", f"exec 3<&0; trap 'echo told' USR1; {tool} & wait; wait")
    assert line(process) == "up"
    process.send_signal(signal.SIGUSR1)
    assert line(process) == "told"
    assert process.communicate("lives\n", timeout=10)[0] == "tool lives\n"


def test_a_signal_from_the_command_is_not_sent_back(start: Start) -> None:
    """A command that signals its parent does not mean itself."""
    code = "import os, signal; [os.kill(os.getppid(), s) for s in (signal.SIGINT, signal.SIGTERM)]; input(); print(1)"
    done = run(start, sys.executable, "-c", code, stdin="\n")
    assert (done.returncode, done.stdout) == (0, "1\n")


def test_a_storm_of_signals_breaks_nothing(start: Start) -> None:
    """Thousands of signals of all kinds, then an orderly end."""
    names = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1"]
    process, _ = probe(start, *names)
    for name in names * 400:
        process.send_signal(signal.Signals[name])
    process.send_signal(signal.SIGUSR2)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (7, "")


def test_signals_that_race_with_a_short_command_do_no_harm(start: Start) -> None:
    """Whichever comes first, the command's own end or the signal's: never a traceback, never our own death."""
    for _ in range(8):
        process = start("sh", "-c", "echo up; exit 3")
        assert line(process) == "up"
        for _ in range(20):
            process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=10)[1] == ""
        assert process.returncode in (3, 130)


def test_a_stopped_command_can_be_continued_alone(start: Start) -> None:
    """Nobody controls jobs here: we go on serving while the command is paused by hand."""
    process, pid = probe(start, "SIGCONT")
    os.kill(pid, signal.SIGSTOP)
    while b"T" not in subprocess.check_output(["ps", "-o", "stat=", "-p", str(pid)]):
        pass  # Continuing it before it stopped would cancel the stop.
    os.kill(pid, signal.SIGCONT)
    assert line(process) == "got SIGCONT"
    process.send_signal(signal.SIGUSR2)
    assert line(process) == "got SIGUSR2"
    assert process.wait(timeout=10) == 7


def test_kill_group_forces_what_ignores_the_request(start: Start, tmp_path: Path) -> None:
    """A budget that says stop: asked first, forced after the grace period, grandchildren too."""
    fifo = tmp_path / "stop"
    os.mkfifo(fifo)
    environment = {**ENVIRONMENT, "KILL_FIFO": str(fifo), "KILL_GRACE": "0.1"}
    process = start("sh", "-c", "trap '' TERM; sh -c 'echo up; sleep 100; sleep 100'; true", env=environment)
    assert line(process) == "up"
    fifo.write_text("")
    assert process.communicate(timeout=10)[0] == ""
    assert process.returncode == 128 + signal.SIGKILL


def test_kill_group_wakes_a_stopped_command_to_let_it_end(start: Start, tmp_path: Path) -> None:
    """A paused agent is asked before it is forced, and hears the question."""
    fifo = tmp_path / "stop"
    os.mkfifo(fifo)
    environment = {**ENVIRONMENT, "KILL_FIFO": str(fifo), "KILL_GRACE": "9"}
    process = start("sh", "-c", "trap 'echo bye; exit 9' TERM; echo $$; read word", env=environment)
    os.kill(int(line(process)), signal.SIGSTOP)
    fifo.write_text("")
    process.wait(timeout=10)
    assert process.communicate()[0] == "bye\n"
    assert process.returncode == 9


def test_no_zombie_is_left_behind() -> None:
    """The command is reaped before `wait` returns."""
    code = """
import os
from codesession.cli.child import signals_held, spawn
with signals_held():
    child = spawn(["true"], os.environ)
    child.wait()
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("none")
"""
    assert python(code) == "none\n"


def test_a_signal_while_the_session_ends_is_dropped_and_a_later_one_acts() -> None:
    """Held signals cover what follows the command; afterwards all is as it was."""
    code = """
import os, signal
from codesession.cli.child import signals_held, spawn
with signals_held():
    spawn(["true"], os.environ).wait()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGTSTP, signal.SIGCHLD):
        os.kill(os.getpid(), signum)
print("ended", signal.pthread_sigmask(signal.SIG_BLOCK, ()), signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL)
try:
    os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    print("interrupted")
"""
    assert python(code) == "ended set() True\ninterrupted\n"


def test_spawn_outside_of_held_signals_is_refused() -> None:
    """A signal between start and wait would be lost without a trace."""
    with pytest.raises(RuntimeError, match="signals_held"):
        spawn(["true"], os.environ)


def test_importing_the_wrapper_is_cheap() -> None:
    """It sits on the way of every `cs run`; no framework, no subprocess, no asyncio."""
    code = "import sys, codesession.cli.child; print({'asyncio', 'subprocess', 'rich'} & set(sys.modules))"
    assert python(code) == "set()\n"
