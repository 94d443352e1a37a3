"""The languages that Travis CI knows, by their names in `language`; see `language.Language` for what each says."""

from understudy.dialects.travis.languages.known import LANGUAGES, language_of
from understudy.dialects.travis.languages.language import Language, Row, text, texts

__all__ = ["LANGUAGES", "Language", "Row", "language_of", "text", "texts"]
