"""The command `vitexplain`: explain, models, bench, export-onnx.

Exit codes: 0 all went well, 1 something could not be done (an image, the model), 2 the command
line is wrong. An error is one line on stderr; `--debug` shows where it came from.
"""

import sys

from vitexplain.extras import install
from vitexplain.moved import tell

EXPECTED = (ValueError, OSError, LookupError, ModuleNotFoundError)  # whose message says it all
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run a command line and return its exit code; errors become one line on stderr."""
    from vitexplain.cli.lines import debugging, say

    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        from vitexplain.cli.app import app

        code = app(args=arguments, prog_name="vitexplain", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except KeyboardInterrupt:
        say("stopped")
        return INTERRUPTED
    except Exception as error:
        if debugging():
            raise
        if type(error).__name__ == "Abort":
            return INTERRUPTED
        if isinstance(error, ModuleNotFoundError) and error.name == "typer":
            say(f"the command line needs typer: {install('cli')}", kind="error")
            return 1
        told = getattr(error, "format_message", None)
        if told:  # of typer: a wrong command line
            say(f"{told()} (vitexplain --help explains)", kind="error")
        elif isinstance(error, EXPECTED):
            say(str(error), kind="error")
            for note in getattr(error, "__notes__", ()):  # code that does what was asked for
                print(note, file=sys.stderr)
        else:
            say(f"{type(error).__name__}: {error} (--debug shows where)", kind="error")
        return getattr(error, "exit_code", 1)


tell(globals())
