"""
Running the proxy: in a background thread beside a command (`cs run`), or in the foreground (`cs proxy`).

Import this module only when the socket is bound and the command is started: it loads the whole HTTP stack.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from codesession.errors import InvalidInputError, UnavailableError
from codesession.proxy.client import UpstreamClient
from codesession.proxy.config import ProxyConfig
from codesession.proxy.diagnostics import Diagnostics
from codesession.proxy.gate import Gate
from codesession.proxy.inbound import Inbound
from codesession.proxy.recorder import Recorder
from codesession.proxy.relay import Relay
from codesession.proxy.sessions import NoSessions, Sessions
from codesession.proxy.socket import LOOPBACK_NAMES

_CLIENT_KEEP_ALIVE_S = 3600
"""Clients close idle connections first, so that none is closed under a request that was just sent."""
_SWEEP_S = 600
"""How often connections are looked for that nobody has used for so long."""

_BACKLOG = 2048
_FLUSH_S = 0.005

_SWITCH_S = 0.0005
"""How long the thread that writes the ledger may keep a byte waiting; Python's own choice is ten times that."""

_DESCRIPTORS = 10_240
"""What macOS allows at most."""


_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class ProxyServer:
    """One proxy on one socket. Serve once; `stop` may be called from any thread."""

    def __init__(
        self,
        config: ProxyConfig,
        recorder: Recorder,
        sessions: Sessions | None = None,
        gate: Gate | None = None,
    ) -> None:
        self._config = config
        self._recorder = recorder
        self._sessions = sessions or NoSessions()
        self._gate = gate
        self.diagnostics = Diagnostics(config.log)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._stopping = False

    def serve_in_thread(self, sock: socket.socket) -> None:
        """
        Serve on a bound socket in a daemon thread; returns at once, connections wait in the backlog.

        All signals are blocked in the thread: they belong to the main thread and its command.
        """
        self._thread = threading.Thread(target=self._run_in_thread, args=(sock,), name="codesession-proxy", daemon=True)
        with _signals_blocked():
            self._thread.start()

    def serve_forever(self, sock: socket.socket) -> None:
        """Serve on a bound socket until `stop`, SIGINT or SIGTERM; then returns after open calls are recorded."""
        with _stop_on_signals(self):
            self._run(sock)

    def wait_ready(self, timeout: float = 10) -> None:
        """Block until requests are served. Raises `UnavailableError` if the server could not start."""
        if not self._ready.wait(timeout) or self._failure is not None:
            raise UnavailableError(f"the proxy did not start: {self._failure or 'no answer'}")

    def request_stop(self, grace_s: float = 5) -> None:
        """Begin to stop: no new connections; open calls get `grace_s` seconds, then are recorded as cut."""
        self._stopping = True
        if self._loop is None or self._server is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._server.ask_to_stop, grace_s)

    def stop(self, timeout: float = 5) -> None:
        """
        Stop a server that runs in a thread, and wait for it.

        Calls whose client is gone are recorded as lower bounds at once; others may go on for `timeout` seconds
        and are then cut and recorded likewise.
        """
        if self._thread is None:
            return
        self._ready.wait(timeout)
        self.request_stop(timeout)
        self._thread.join(timeout + 2)

    def _run_in_thread(self, sock: socket.socket) -> None:
        try:
            self._run(sock)
        except Exception as error:  # the end of a thread has no caller: `wait_ready` and the log tell
            self._failure = error
            self.diagnostics.report("stopped", f"{type(error).__name__}: {error}")
        finally:
            self._ready.set()

    def _run(self, sock: socket.socket) -> None:
        sys.setswitchinterval(_SWITCH_S)
        _allow_many_connections()
        gc.collect()
        gc.freeze()  # what is loaded by now stays: it need not be looked through again and again
        with sock, asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(self._serve(sock))

    async def _serve(self, sock: socket.socket) -> None:
        _refuse_loop(self._config, sock.getsockname()[1])
        client = UpstreamClient(self._config)
        relay = Relay(
            config=self._config,
            port=sock.getsockname()[1],
            client=client,
            recorder=self._recorder,
            sessions=self._sessions,
            gate=self._gate,
            diagnostics=self.diagnostics,
        )
        self._server = _Server(relay, self._ready)
        self._loop = asyncio.get_running_loop()
        if self._stopping:  # asked before there was a loop to tell
            self._server.ask_to_stop(0)
        try:
            await self._server.serve(sock)
        finally:
            relay.close()
            client.close()


class _Server:
    """Takes connections until it is asked to stop."""

    def __init__(self, relay: Relay, ready: threading.Event) -> None:
        self._relay = relay
        self._ready = ready
        self._connections: set[Inbound] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stop = asyncio.Event()
        self._grace_s = 5.0

    def ask_to_stop(self, grace_s: float) -> None:
        """On the loop's thread: end `serve`."""
        self._grace_s = grace_s
        self._stop.set()

    async def serve(self, sock: socket.socket) -> None:
        """Serve until asked to stop; then open calls get their grace."""
        loop = asyncio.get_running_loop()
        listener = await loop.create_server(self._connection, sock=sock, backlog=_BACKLOG)
        sweeping = loop.create_task(self._sweep())
        self._ready.set()
        try:
            await self._stop.wait()
        finally:
            sweeping.cancel()
            listener.close()
            await self._shut_down()

    def _connection(self) -> Inbound:
        return Inbound(self._relay.serve, self._connections, self._tasks)

    async def _shut_down(self) -> None:
        """Close what is idle, give open calls their grace, then cut them; their tasks record them either way."""
        end = asyncio.get_running_loop().time() + self._grace_s
        for connection in list(self._connections):
            connection.retire()
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=self._grace_s)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1)
        while self._connections and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(_FLUSH_S)  # answers that are complete wait for their clients
        for connection in list(self._connections):
            connection.abort()

    async def _sweep(self) -> None:
        """Every now and then hang up on clients that have been silent for long."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            oldest = asyncio.get_running_loop().time() - _CLIENT_KEEP_ALIVE_S
            for connection in list(self._connections):
                if connection.idle_since is not None and connection.idle_since < oldest:
                    connection.close()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The loop of uvloop; where it is not installed, as on Windows, or does not load, the standard library's."""
    try:
        import uvloop
    except Exception:  # whatever is wrong with it: calls are served all the same
        return None
    return uvloop.new_event_loop


def _allow_many_connections() -> None:
    """A call needs two file descriptors; shells allow 256 or 1,024 and let a program take more."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    with contextlib.suppress(ValueError, OSError):  # macOS has a lower bound of its own: then it stays as it is
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _refuse_loop(config: ProxyConfig, port: int) -> None:
    """A base URL that leads back here would relay a call to itself for ever."""
    for name, upstream in config.upstreams.items():
        url = urlsplit(upstream.origin)
        if url.port == port and url.hostname in LOOPBACK_NAMES:
            raise InvalidInputError(
                f"the base URL of {name} is this proxy itself", hint="set it to the provider's own address"
            )


@contextlib.contextmanager
def _signals_blocked() -> Iterator[None]:
    """A thread started inside inherits a full signal mask."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows delivers signals to the main thread only
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _stop_on_signals(server: ProxyServer) -> Iterator[None]:
    """SIGINT and SIGTERM end `serve_forever`; outside the main thread signals are not ours to handle."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: server.request_stop()) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
