"""
The ledger for other programs.

`service` reads it, `calls` says what a row of a call holds, `parquet` and `focus` are two of its forms; NDJSON and
CSV need none. Column names are those of the ledger, which are those of the OpenTelemetry GenAI conventions.
"""
