"""The ways to a provider that are compared: none, a bare relay, nginx, ours as installed, LiteLLM."""

from __future__ import annotations

import contextlib
import http.client
import multiprocessing
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import bare_relay, proxy_upstream
from benchmarks.installed import HOME, Installation

LITELLM = HOME / "litellm" / "bin" / "litellm"
"""`python -m venv build/bench/litellm && build/bench/litellm/bin/pip install 'litellm[proxy]'`"""

_NGINX = """
worker_processes 1; error_log {folder}/nginx.log; pid {folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; keepalive_requests 1000000;
  upstream provider {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 1000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection "";
                  proxy_buffering off; }}
  }}
}}
"""
_LITELLM = """
model_list:
  - model_name: gpt-5.1
    litellm_params: {{model: openai/gpt-5.1, api_base: "http://127.0.0.1:{upstream}/v1", api_key: k}}
litellm_settings: {{telemetry: false}}
"""


@contextlib.contextmanager
def forked(target: Callable[..., None], *arguments: object) -> Iterator[int]:
    """A server of ours in a process of its own; its port."""
    sock = socket.create_server(("127.0.0.1", 0), backlog=2048)
    process = multiprocessing.get_context("fork").Process(target=target, args=(sock, *arguments), daemon=True)
    process.start()
    try:
        yield int(sock.getsockname()[1])
    finally:
        process.kill()
        process.join()
        sock.close()


def upstream() -> contextlib.AbstractContextManager[int]:
    """The provider."""
    return forked(proxy_upstream.serve)


def bare(upstream_port: int) -> contextlib.AbstractContextManager[int]:
    """A relay on uvicorn and aiohttp that knows, checks and records nothing."""
    return forked(bare_relay.run, f"http://127.0.0.1:{upstream_port}")


@contextlib.contextmanager
def ours(installation: Installation, upstream_port: int, *, budget: bool = True) -> Iterator[int]:
    """`cs proxy` as installed, over a ledger of its own, with a session and a budget that every call is asked about."""
    home = installation.folder / f"proxy-{time.monotonic_ns()}"
    home.mkdir()
    url = f"http://127.0.0.1:{upstream_port}"
    environment = {**installation.environment, "HOME": str(home)}
    environment |= {"CODESESSION_UPSTREAM_ANTHROPIC": url, "CODESESSION_UPSTREAM_OPENAI": url}
    if budget:
        command = [installation.cs, "budget", "set", "900000", "--scope", "global"]
        subprocess.run(command, env=environment, cwd=home, check=True, stdout=subprocess.DEVNULL)
    port = _free_port()
    command = [installation.cs, "proxy", "--port", str(port), "--session", "bench"]
    with _running(command, environment, home, port, "/health"):
        yield port


@contextlib.contextmanager
def nginx(folder: Path, upstream_port: int) -> Iterator[int | None]:
    """`proxy_pass` with kept-alive connections; None where nginx is not installed."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        yield None
        return
    port = _free_port()
    place = folder / "nginx"
    place.mkdir(exist_ok=True)
    place.chmod(0o777)  # its worker gives up root's rights
    config = place / "nginx.conf"
    config.write_text(_NGINX.format(folder=place, upstream=upstream_port, port=port))
    command = [program, "-p", str(place), "-c", str(config), "-g", "daemon off;"]
    with _running(command, dict(os.environ), place, port, "/"):
        yield port


@contextlib.contextmanager
def litellm(folder: Path, upstream_port: int) -> Iterator[int | None]:
    """LiteLLM's proxy, one worker, no database; None where it is not installed."""
    if not LITELLM.exists():
        yield None
        return
    port = _free_port()
    config = folder / "litellm.yaml"
    config.write_text(_LITELLM.format(upstream=upstream_port))
    quiet = {"LITELLM_MODE": "PRODUCTION", "LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    quiet["LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY"] = "true"  # no keys to look up: its fastest form
    command = [str(LITELLM), "--config", str(config), "--port", str(port), "--host", "127.0.0.1", "--num_workers", "1"]
    with _running(command, {**os.environ, **quiet}, folder, port, "/health/liveliness"):
        yield port


@contextlib.contextmanager
def _running(command: list[str], environment: dict[str, str], cwd: Path, port: int, health: str) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, cwd=cwd, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        _wait(process, port, health)
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(process: subprocess.Popen[bytes], port: int, health: str) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", health)
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError(f"{process.args} did not answer")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])
