"""Agents' own logs: one folder per agent, one parser per format."""
