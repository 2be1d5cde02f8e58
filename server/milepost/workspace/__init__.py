"""Where the work happens: a private repository, checkouts of it, what may be committed, and how it reaches the user.

The user's own repository is written by `publish` and `land` alone. Processes, services and the sandbox live here too.
"""
