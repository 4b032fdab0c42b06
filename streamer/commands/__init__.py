"""The sub-commands of `streamer`, one module each: they build the parts and join them.

Each module has `arguments(parser)` and `run(options, env) -> exit code`; see `streamer.cli`.
"""
