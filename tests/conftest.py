"""What holds for every test."""

from hypothesis import settings

# A busy machine is no failure: what must end has a timeout of its own.
settings.register_profile("understudy", deadline=None)
settings.load_profile("understudy")
