"""
Usage, normalised once: sans-I/O parsers of the wire formats of model providers.

Start at `registry.parser_for` for one usage object, at `body.ResponseReader` for the bytes of one HTTP
answer, and at `routes.match_route` to know what an HTTP request asks for.
"""
