"""The command line: one small file per command, one output module. No rule lives here."""
