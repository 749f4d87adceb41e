"""
Numbered schema migrations, append-only: `NNNN_name.sql`.

A statement ends with a semicolon at the end of a line. `{identity}` is the dialect's self-numbering key;
everything else is SQL that SQLite and PostgreSQL share.
"""
