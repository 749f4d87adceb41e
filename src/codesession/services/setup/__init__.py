"""
Connect agents: skill, hooks, status line, MCP server, endpoint; and take everything out again.

    pieces   one thing in one file: how its text changes when it goes in, and when it comes out
    agents   which pieces an agent has, and where
    plan     pieces -> changes of files, as a diff
    writing  changes -> files, each after a copy

Everything else in the user's files stays: JSON keeps its order and indentation, TOML and `.env` get a marked block. A
file that cannot be read as what it should be is left alone, and the plan says what to put in by hand.
"""
