"""codesession: what every AI agent run costs, in dollars you can trust."""

__version__ = "3.0.0.dev0"
