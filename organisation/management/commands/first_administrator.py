"""The account that makes all others, on a new installation."""

from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from foundation.clock import today
from identity.models import User
from organisation.actions import appoint
from organisation.models import Membership


class Command(BaseCommand):
    help = "Make the first system administrator; refused once there is one. Asks for the password."

    def add_arguments(self, parser) -> None:
        parser.add_argument("username", help="lower-case letters, digits and . @ _ + -")
        parser.add_argument("--name", required=True, help="the person's name")
        parser.add_argument("--email", default="")

    @transaction.atomic
    def handle(self, *, username: str, name: str, email: str, **options) -> None:
        if Membership.objects.in_force(today()).filter(role="system_administrator").exists():
            raise CommandError("There is an administrator already; they make accounts at /people/.")
        user = User(username=username, name=name, email=email)
        password = getpass("Password: ")
        try:
            user.full_clean(exclude=["password"])
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        user.set_password(password)
        user.save()
        appoint(None, user, "system_administrator", since=today())
        self.stdout.write(f"{username} may sign in at /sign-in/ and make accounts at /people/.")
