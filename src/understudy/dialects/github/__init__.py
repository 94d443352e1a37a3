"""GitHub Actions: the workflows in `.github/workflows`."""

from understudy.dialects.base import Dialect
from understudy.dialects.github.dialect import GitHub

GITHUB: Dialect = GitHub()
