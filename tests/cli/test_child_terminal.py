"""
Commands under the wrapper in a real terminal: keys, job control, pipelines, resizing, hanging up.

A test types into the master side of a pseudo-terminal and waits for what appears on it; nothing sleeps.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.terminal import Screen

PROGRAMS = Path(__file__).parent / "child_programs"
WRAPPER = [sys.executable, str(PROGRAMS / "wrapper.py")]
PROBE = [sys.executable, str(PROGRAMS / "probe.py")]
RUN = " ".join(WRAPPER)
STOPPED = r"Stopped(?s:.*)PROMPT> "
RUN_PROBE = " ".join([*WRAPPER, *PROBE])

Open = Callable[..., Screen]

WAITS = "while :; do read || sleep 0.1; done"
"""A command of bash that waits for signals, also when its terminal is gone."""


@pytest.fixture
def terminal() -> Iterator[Open]:
    """Open terminals around a command; their sessions are gone after the test."""
    screens: list[Screen] = []

    def open_screen(*command: str, **variables: str) -> Screen:
        source = str(Path(__file__).parents[2] / "src")
        settings = {"PYTHONPATH": source, "PS1": "PROMPT> ", "TERM": "xterm", "HISTFILE": "", **variables}
        screens.append(Screen(list(command), {**os.environ, **settings}))
        return screens[-1]

    yield open_screen
    for screen in screens:
        screen.hang_up()  # SIGHUP for whoever is left, then no mercy for the leader.
        screen.leader.kill()
        screen.leader.wait()


@pytest.fixture
def bash(terminal: Open) -> Screen:
    """An interactive shell with job control, at its prompt."""
    screen = terminal("bash", "--norc", "--noprofile", "--noediting", "-i")
    screen.until("PROMPT> ")
    return screen


def ready(screen: Screen) -> tuple[int, int]:
    """The process ids of a probe that is ready, and of its wrapper."""
    found = screen.until(r"ready (\d+) (\d+) \.")
    return int(found[1]), int(found[2])


def finish(screen: Screen, wrapper: int) -> None:
    """
    End the probe by a last signal through the wrapper.

    Whatever the wrapper passed on before has arrived by then, so that counting deliveries is fair.
    """
    os.kill(wrapper, signal.SIGUSR2)
    screen.until(r"got SIGUSR2  \.")


def test_the_command_is_in_the_foreground_on_a_terminal(bash: Screen) -> None:
    """As without us: it may read keys, and sees a terminal on all three streams."""
    code = "import os as o; print('tty', *map(o.isatty, range(3)), o.getpgrp() == o.tcgetpgrp(0) == o.getppid())"
    bash.type(f'{RUN} {sys.executable} -c "{code}"\n')
    bash.until("tty True True True True")


@pytest.mark.parametrize(("key", "name"), [("\x03", "SIGINT"), ("\x1c", "SIGQUIT")])
def test_a_key_signals_the_command_once_and_us_not_at_all(bash: Screen, key: str, name: str) -> None:
    """The terminal tells the command itself; we swallow our copy, and wait for its own exit code."""
    bash.type(f"{RUN_PROBE} {name}; echo status $?\n")
    _, wrapper = ready(bash)
    bash.type(key)
    bash.until(f"got {name}")
    finish(bash, wrapper)
    bash.until("status 7")
    assert bash.shown.count(f"got {name}") == 1


def test_ctrl_c_ends_a_plain_command_with_130(terminal: Open) -> None:
    """The wrapper outlives it to say so."""
    screen = terminal(*WRAPPER, "sh", "-c", "echo up; exec sleep 100")
    screen.until("up")
    screen.type("\x03")
    assert screen.to_the_end() == 130


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGTSTP"])
def test_a_signal_sent_to_us_reaches_the_command_once(bash: Screen, name: str) -> None:
    """`kill` is no key: only we got it, so we pass it on."""
    bash.type(f"{RUN_PROBE} {name}; echo status $?\n")
    _, wrapper = ready(bash)
    os.kill(wrapper, signal.Signals[name])
    bash.until(f"got {name}")
    finish(bash, wrapper)
    bash.until("status 7")
    assert bash.shown.count(f"got {name}") == 1


def test_a_signal_sent_to_us_reaches_grandchildren(terminal: Open) -> None:
    """The tool of an agent ends with it: the terminal's other side stays open until the last one is gone."""
    code = "import os, subprocess; print('wrapper', os.getppid(), '.', flush=True); subprocess.run(['sleep', '100'])"
    screen = terminal(*WRAPPER, sys.executable, "-c", code)
    wrapper = int(screen.until(r"wrapper (\d+) \.")[1])
    os.kill(wrapper, signal.SIGTERM)
    assert screen.to_the_end() == 143


def test_pipeline_neighbours_are_not_signalled(bash: Screen) -> None:
    """They share our process group, but `kill` meant the agent; its last words still get through."""
    bash.type(f"{RUN_PROBE} SIGTERM | sed -u 's/^/through /'; echo status ${{PIPESTATUS[*]}}\n")
    _, wrapper = ready(bash)
    os.kill(wrapper, signal.SIGTERM)
    bash.until("through got SIGTERM")
    os.kill(wrapper, signal.SIGUSR2)
    bash.until(r"through got SIGUSR2[^$]*status 7 0")


def test_a_script_that_calls_us_is_not_signalled(terminal: Open) -> None:
    """A script without job control shares its group with what it runs."""
    screen = terminal("sh", "-c", f"{RUN_PROBE} SIGTERM; echo next $?")
    _, wrapper = ready(screen)
    os.kill(wrapper, signal.SIGTERM)
    screen.until("got SIGTERM")
    finish(screen, wrapper)
    screen.until("next 7")
    assert screen.to_the_end() == 0


def test_ctrl_z_and_fg_work_as_for_the_command_itself(bash: Screen) -> None:
    """The shell sees its job stop once per key, and continues it where it was; the order of arrival varies."""
    bash.type(f"{RUN} sh -c 'echo re''ady; exec cat'\n")
    bash.until("ready")
    for number in range(15):
        bash.type(f"line {number}\n")
        bash.until(rf"(line {number}\r\n){{2}}")
        bash.type("\x1a")
        bash.until(STOPPED)
        bash.type("fg\n")
        bash.until(r"wrapper\.py")
    bash.type("\x04")
    bash.until("PROMPT> ")
    bash.type("echo status $?\n")
    bash.until("status 0")


def test_a_command_that_stops_only_itself_gives_the_shell_back(bash: Screen) -> None:
    """Full-screen agents read Ctrl+Z as a key, tidy up and stop themselves; the kernel tells us nothing."""
    bash.type(f"{RUN} sh -c 'kill -STOP $$; echo back'\n")
    bash.until(STOPPED)
    bash.type("fg\n")
    bash.until("back\r\nPROMPT> ")


def test_a_command_may_tidy_the_terminal_before_the_shell_takes_it(bash: Screen) -> None:
    """
    A program in raw mode that catches Ctrl+Z puts the modes back first.

    If we stopped at once, the shell would take the foreground and the program would hang on its own tidying.
    """
    code = """
import os, signal, termios, tty
modes = termios.tcgetattr(0)
def tidy(*_):
    for _ in range(2000):
        termios.tcsetattr(0, termios.TCSANOW, modes)
    os.write(1, b"tidy %r\\n" % (os.tcgetpgrp(0) == os.getpgrp()))
    signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTSTP)
    os.write(1, b"back\\n")
signal.signal(signal.SIGTSTP, tidy)
tty.setcbreak(0)
print("up", flush=True)
os.read(0, 1)
"""
    bash.type(f"CODE={_quoted(code)}\n")
    bash.type(f'{RUN} {sys.executable} -c "$CODE"; echo status $?\n')
    bash.until("up\r")
    bash.type("\x1a")
    bash.until(r"tidy True(?s:.*)Stopped(?s:.*)PROMPT> ")
    bash.type("fg; echo status $?\n")
    bash.until("back")
    bash.type("x\n")
    bash.until("status 0")


def _quoted(text: str) -> str:
    """One line for bash's $'…' quoting."""
    return "$'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def test_a_command_that_ignores_ctrl_z_is_not_stopped_by_ours(bash: Screen) -> None:
    """We stop if and when it does, never on our own."""
    bash.type(f"{RUN_PROBE} SIGTSTP SIGINT; echo status $?\n")
    _, wrapper = ready(bash)
    bash.type("\x1a")
    bash.until("got SIGTSTP")
    bash.type("\x03")
    bash.until("got SIGINT")
    finish(bash, wrapper)
    bash.until("status 7")
    assert "Stopped" not in bash.shown


def test_continuing_only_us_continues_the_command(bash: Screen) -> None:
    """`kill -CONT` on the id that the shell shows for the job."""
    bash.type(f"{RUN_PROBE} SIGCONT\n")
    _, wrapper = ready(bash)
    bash.type("\x1a")
    bash.until(STOPPED)
    os.kill(wrapper, signal.SIGCONT)
    bash.until("got SIGCONT")
    finish(bash, wrapper)


def test_a_background_command_that_wants_the_keyboard_waits_for_fg(bash: Screen) -> None:
    """`cs run agent &`, then `fg`."""
    bash.type(f"{RUN} cat & wait %1; jobs\n")
    bash.until(STOPPED)
    bash.type("fg\n")
    bash.until(r"wrapper\.py")
    bash.type("hello\n")
    bash.until("hello\r\nhello\r\n")
    bash.type("\x04")
    bash.until("PROMPT> ")


def test_a_new_window_size_reaches_the_command(terminal: Open) -> None:
    """The signal and the size."""
    screen = terminal(*WRAPPER, *PROBE, "SIGWINCH")
    _, wrapper = ready(screen)
    screen.resize(33, 101)
    screen.until(r"got SIGWINCH 101x33 \.")
    finish(screen, wrapper)
    assert screen.to_the_end() == 7


def test_a_pager_works(terminal: Open, tmp_path: Path) -> None:
    """Full screen, single keys, alternate screen and back."""
    text = tmp_path / "text"
    text.write_text("".join(f"row {number}\n" for number in range(500)))
    screen = terminal(*WRAPPER, "less", str(text))
    screen.until(r"row 22\r\n")
    screen.type("G")
    screen.until("row 499")
    screen.type("q")
    assert screen.to_the_end() == 0


@pytest.mark.skipif(shutil.which("vim") is None, reason="vim is not installed")
def test_an_editor_works(terminal: Open, tmp_path: Path) -> None:
    """Keys in, file out, exit code through."""
    text = tmp_path / "text"
    screen = terminal(*WRAPPER, "vim", "-u", "NONE", "-i", "NONE", "-N", str(text))
    screen.until(r"\[New")
    screen.type("ihello\x1b:w\r")
    screen.until("written")
    screen.type(":cq\r")
    assert screen.to_the_end() == 1
    assert text.read_text() == "hello\n"


def test_an_interactive_shell_works(bash: Screen) -> None:
    """It makes groups of its own and hands the terminal back; Ctrl+C inside ends only what runs inside."""
    bash.type(f"PS1='INNER> ' {RUN} bash --norc --noprofile --noediting -i; echo status $?\n")
    bash.until(r"\nINNER> ")
    bash.type("sh -c 'echo deep; exec sleep 100'\n")
    bash.until(r"\ndeep")
    bash.type("\x03")
    bash.until("INNER> ")
    bash.type("exit 5\n")
    bash.until("status 5\r\nPROMPT> ")


def test_a_killed_command_does_not_leave_raw_mode_behind(terminal: Open) -> None:
    """A shell repairs the terminal for a job that a signal killed; behind us it cannot see that, so we do."""
    screen = terminal("sh", "-c", f"{RUN} sh -c 'stty raw -echo; kill -9 $$'; echo status $?; stty -a")
    screen.until("status 137")
    screen.until(r"[^-]isig")
    screen.until(r"[^-]icanon")
    screen.until(r"[^-]echo ")


def test_modes_that_a_command_sets_on_purpose_stay(terminal: Open) -> None:
    """`cs run stty -echo` is a command like any other."""
    screen = terminal("sh", "-c", f"{RUN} stty -echo; stty -a")
    screen.until(r"-echo ")


def test_closing_the_window_tells_the_command_when_we_lead_the_session(terminal: Open, tmp_path: Path) -> None:
    """`xterm -e cs run agent`: the kernel tells the session leader only, which is us."""
    told = tmp_path / "told"
    os.mkfifo(told)
    screen = terminal(*WRAPPER, "bash", "-c", f"trap 'echo hung up >{told}; exit 4' HUP; echo up; {WAITS}")
    screen.until("up")
    screen.hang_up()
    assert set(told.read_text().splitlines()) == {"hung up"}
    assert screen.leader.wait(timeout=10) == 4


def test_closing_the_window_tells_the_command_behind_a_shell(bash: Screen, tmp_path: Path) -> None:
    """The shell passes the news to its jobs, and so may the terminal."""
    told = tmp_path / "told"
    os.mkfifo(told)
    bash.type(f"{RUN} bash -c \"trap 'echo hung up >{told}; exit 4' HUP; echo re''ady; {WAITS}\"\n")
    bash.until("ready")
    bash.hang_up()
    assert set(told.read_text().splitlines()) == {"hung up"}


def test_kill_group_spares_the_neighbours(bash: Screen, tmp_path: Path) -> None:
    """A budget ends the agent and its tools by force, not the pipeline behind it, nor us."""
    fifo = tmp_path / "stop"
    os.mkfifo(fifo)
    stubborn = "trap '' TERM; sh -c 'echo u''p; sleep 100; sleep 100'; true"
    bash.type(f"export KILL_FIFO={fifo} KILL_GRACE=0.1\n")
    bash.type(f"{RUN} bash -c \"{stubborn}\" | sed -u 's/^/through /'; echo status ${{PIPESTATUS[*]}}\n")
    bash.until("through up")
    fifo.write_text("")
    bash.until("status 137 0")


def test_a_storm_of_keys_and_signals_breaks_nothing(bash: Screen) -> None:
    """Hundreds of Ctrl+C, Ctrl+\\ and kills; the command still decides how it ends."""
    script = "trap : INT QUIT TERM; trap 'exit 7' USR2; echo ready $$ $PPID .; " + WAITS
    bash.type(f"{RUN} bash -c {_quoted(script)}; echo status $?\n")
    _, wrapper = ready(bash)
    for _ in range(100):
        bash.type("\x03\x1c")
        os.kill(wrapper, signal.SIGTERM)
    os.kill(wrapper, signal.SIGUSR2)
    bash.until("status 7")
