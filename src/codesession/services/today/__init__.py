"""
`cs today`: where every registered project stands this morning.

`service` puts it together; `repository`, `todos` and `pulls` ask git and gh, in threads of their own and with time
limits; `registering` keeps the list of projects. A project that cannot be looked at is named with the reason, and
the others are shown.
"""
