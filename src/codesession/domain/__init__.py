"""Pure data and arithmetic: no I/O, no clock, standard library only."""
