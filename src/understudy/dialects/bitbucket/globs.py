"""Bitbucket's globs: of branches, tags, changed files, and the files that cache keys are made of.

See https://support.atlassian.com/bitbucket-cloud/docs/use-glob-patterns-on-the-pipelines-yaml-file/.
"""

from understudy.text.globs import GlobError, fits, is_pattern

__all__ = ["GlobError", "fits", "is_pattern"]
