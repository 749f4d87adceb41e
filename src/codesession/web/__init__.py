"""
The dashboard: API v1 over the services, the page that shows it, and the guard in front of both.

    guard     who may ask: host, origin, token, limits, headers on every answer
    routes    the HTTP shape of the API; each hands its question to a worker
    answers   app -> schema: what a question comes to
    schemas   every answer and every body, typed; `dashboard/openapi.json` is made from them
    workers   threads with a ledger connection each; the event loop never waits for the disk
    watcher   one look at the ledger for all open pages, pushed to them as server-sent events
"""
