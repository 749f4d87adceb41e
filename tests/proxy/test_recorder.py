"""Handing observations over."""

from __future__ import annotations

import threading

from support.proxies import RunningProxy


def test_observations_are_handed_over_on_the_servers_thread(proxy: RunningProxy) -> None:
    """So a recorder that writes must do it elsewhere."""
    names: list[str] = []
    keep = proxy.recorder.submit

    def submit(observation: object) -> None:
        names.append(threading.current_thread().name)
        keep(observation)  # type: ignore[arg-type]  # an Observation

    proxy.recorder.submit = submit  # type: ignore[method-assign]  # listens in
    proxy.call("POST", "/v1/messages", b'{"model":"m"}')
    proxy.recorder.one()
    assert names == ["codesession-proxy"]
