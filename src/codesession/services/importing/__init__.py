"""
Agents' own logs into the ledger: every call once, charged to the conversation that made it.

`service` is the use case, `scan` says which files have something new, `reader` turns a file's news into calls,
`places` finds the session they belong to, `outcome` is what the user is told.
"""
