"""`python -m codesession` is `cs`."""

import sys

from codesession.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
