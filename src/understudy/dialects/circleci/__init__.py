"""CircleCI: `.circleci/config.yml` in versions 2.0 and 2.1."""

from understudy.dialects.base import Dialect
from understudy.dialects.circleci.dialect import CircleCI

CIRCLECI: Dialect = CircleCI()
