"""Travis's conditions language: `branch = main AND type IN (push, cron)`.

https://docs.travis-ci.com/user/conditions-v1/
"""

from understudy.dialects.travis.conditions.check import problem
from understudy.dialects.travis.conditions.data import Data, Value, merged
from understudy.dialects.travis.conditions.errors import ConditionError
from understudy.dialects.travis.conditions.evaluate import holds
from understudy.dialects.travis.conditions.misread import misread
from understudy.dialects.travis.conditions.nodes import Tree
from understudy.dialects.travis.conditions.parser import parse

__all__ = ["ConditionError", "Data", "Tree", "Value", "holds", "merged", "misread", "parse", "problem"]
