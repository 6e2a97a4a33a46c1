"""Settings, read once from the environment.

LANTIAN_HOME            where everything lives (default ./var)
LANTIAN_DATABASE_URL    postgresql://user:password@host:port/name; empty: SQLite in LANTIAN_HOME
LANTIAN_ALLOWED_HOSTS   comma list (default 127.0.0.1,localhost)
LANTIAN_TLS             1 when served over TLS: secure cookies
LANTIAN_BASE_URL        address of the console in notices, like https://lantian.example (default: notices carry no link)
LANTIAN_NOTICE_HOSTS    comma list of host or host:port that notices may be sent to beside the chat platforms' own
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

PACKAGE = Path(__file__).resolve().parent
LANTIAN_HOME = Path(os.environ.get("LANTIAN_HOME", "var")).resolve()
LANTIAN_HOME.mkdir(parents=True, exist_ok=True)


def _secret_key() -> str:
    path = LANTIAN_HOME / "secret.key"
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text()


def _database() -> dict[str, Any]:
    url = os.environ.get("LANTIAN_DATABASE_URL", "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": LANTIAN_HOME / "registry.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; "
                    "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;"
                ),
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
    }


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("LANTIAN_ALLOWED_HOSTS", "127.0.0.1,localhost").split(",")
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "django_htmx",
    "lantian_web.events",
    "lantian_web.accounts",
    "lantian_web.inventory",
    "lantian_web.assessments",
    "lantian_web.findings",
    "lantian_web.orders",
    "lantian_web.tasks",
    "lantian_web.verdicts",
    "lantian_web.letters",
    "lantian_web.consultations",
    "lantian_web.notices",
    "lantian_web.replies",
    "lantian_web.bulletins",
    "lantian_web.desk",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lantian_web.middleware.content_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "lantian_web.middleware.no_nul",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
ROOT_URLCONF = "lantian_web.urls"
WSGI_APPLICATION = "lantian_web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lantian_web.desk.context.frame",
            ],
            "builtins": ["lantian_web.desk.tags"],
        },
    }
]
DATABASES = {"default": _database() | {"ATOMIC_REQUESTS": False}}
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
LOCALE_PATHS = [PACKAGE / "locale"]
STATIC_URL = "static/"
STATICFILES_DIRS = [PACKAGE / "static"]
STATIC_ROOT = None  # nothing is collected: WhiteNoise serves what the finders find
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("LANTIAN_TLS") == "1"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10000
BASE_URL = os.environ.get("LANTIAN_BASE_URL", "").rstrip("/")
NOTICE_HOSTS = frozenset(filter(None, os.environ.get("LANTIAN_NOTICE_HOSTS", "").split(",")))
SILENCED_SYSTEM_CHECKS: list[str] = []
