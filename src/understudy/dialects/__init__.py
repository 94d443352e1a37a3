"""The CI services' languages: how each is read and how each behaves."""
