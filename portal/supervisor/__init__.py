"""The one command of development: PostgreSQL, Valkey and the portal's processes, started and stopped together.

Nothing here serves production; there, the operator's own service manager runs the same commands.
"""
