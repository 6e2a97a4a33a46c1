"""WSGI entry point: one worker of the console."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantian_web.settings")
application = get_wsgi_application()
pages = get_resolver().url_patterns  # the code of all pages is there before the first person comes
gc.collect()
gc.freeze()  # what lives as long as the process is not looked through by every collection
