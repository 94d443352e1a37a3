"""Travis CI: `.travis.yml`."""

from understudy.dialects.base import Dialect
from understudy.dialects.travis.dialect import Travis

TRAVIS: Dialect = Travis()
