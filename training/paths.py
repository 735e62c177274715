"""Where things lie: the material beside the project, and the cache of what is made from it."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("HEADFORM_SHARED", ROOT / ".." / "shared"))
CACHE = ROOT / "training" / ".cache"
PEOPLE = CACHE / "heads"
CHECKPOINTS = CACHE / "checkpoints"
OPEN_HEAD_DATA = ROOT / "packages" / "open-head" / "data"
NETWORK_FIXTURES = ROOT / "packages" / "networks" / "test" / "fixtures"
