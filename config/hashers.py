"""Argon2 at the product's cost, and at one that lets tests sign in by the hundred."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class CityArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with 64 MiB, one pass, one lane (above OWASP's least): 50 to 100 ms on a core of a small server.

    The library's own choice uses eight lanes, which is 0.26 s of two cores for each try. Passwords stored with other
    parameters are good, and are stored anew when their owner next signs in.
    """

    time_cost = 1
    memory_cost = 64 * 1024
    parallelism = 1


class CheapArgon2Hasher(Argon2PasswordHasher):
    """The same encoding, so the same code paths, at the smallest cost that the library allows. For settings_test."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
