"""
Agents' own hooks: what they are told when a budget is used up, and how they are set up.

`quick` and `answers` serve programs that agents start for every prompt and every tool: they import next to nothing.
"""
