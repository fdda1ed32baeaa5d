"""What is wrong with a command line, as an error that says what to change."""


class CommandError(ValueError):
    """What was asked for cannot be done; says what to change on the command line."""

    exit_code = 2
