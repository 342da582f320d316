"""The core and the commit protocol in one process, under virtual time and seeded faults.

Only what the protocol asks of outside is made up here: logs, local stores, the group, the network, crashes.
What decides, writes and restores is the production code, untouched.
"""
