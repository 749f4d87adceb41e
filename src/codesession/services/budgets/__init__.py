"""
Budgets that hold: `service` sets, shows and asks them, `estimating` says what a call can cost at most.

Money is set aside before a call is made and given back in the transaction that counts what it cost, so that parallel
calls of any number of processes share one truth.
"""
