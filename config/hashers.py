"""Argon2 as in production, at a cost that lets tests sign in by the hundred. Used by settings_test alone."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class CheapArgon2Hasher(Argon2PasswordHasher):
    """The same encoding, so the same code paths, at the smallest cost that the library allows."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
