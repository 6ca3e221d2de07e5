"""For the WSGI server: ``granian --interface wsgi wsgi:application``."""

from app import create_app

application = create_app()
