"""The peer as its web server finds it."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
