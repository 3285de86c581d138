"""`python -m buzzsaw`."""

from buzzsaw.cli import main

raise SystemExit(main())
