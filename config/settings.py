"""Django's settings. What differs from place to place comes from the environment through `config.env`."""

from __future__ import annotations

import secrets
from pathlib import Path

import django_stubs_ext
from django.utils.translation import gettext_lazy as _

from config import env
from config.embedded import places
from config.logging import logging_settings

# Before any form class is made: ModelForm[Patient] is said to the type checker, and Django alone refuses the brackets.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
PLACES = places.of_checkout()

# Embedded: the database is the checkout's own, with demo sign-ins, /outbox/ and /gallery/, and no second factor.
EMBEDDED = not env.given("DATABASE_URL")
DEBUG = False
DEMO_USERNAMES = ("desk", "nurse", "clinician", "manager", "auditor")
DEMO_PASSWORD = "harbor-demo"  # noqa: S105 -- told to everyone; config.start_checks refuses it outside embedded mode

HTTP_PORT = env.port()
PUBLIC_URL = env.url("PUBLIC_URL", f"http://127.0.0.1:{HTTP_PORT}" if EMBEDDED else None, schemes=("http", "https"))
EMAIL_URL = env.url("EMAIL_URL", "outbox:" if EMBEDDED else None, schemes=("smtp", "anymail+", "outbox", "console"))
SMS_URL = env.url("SMS_URL", "outbox:" if EMBEDDED else None, schemes=("twilio", "outbox", "console"))
# With it a mail server hands over what comes to the address that mail is from; without it there is no such address.
INBOUND_MAIL_SECRET = env.text("INBOUND_MAIL_SECRET", "")
# Where the sheets for a day without a network are written every hour; empty: nowhere.
DOWNTIME_FOLDER = env.text("DOWNTIME_FOLDER", str(PLACES.data / "downtime") if EMBEDDED else "")
REDIS_URL = env.url("REDIS_URL", PLACES.redis_url, schemes=("redis", "rediss", "unix"))

# The application's role. Migrations run as the owner: `manage.py migrate` switches to DATABASE_OWNER_URL by itself.
DATABASE_URL = env.text("DATABASE_URL", PLACES.database_url("infusion_app"))
DATABASE_OWNER_URL = env.text("DATABASE_OWNER_URL", PLACES.database_url("infusion_owner") if EMBEDDED else "")
DATABASES = {"default": env.database(DATABASE_URL, name="DATABASE_URL")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The embedded mode's key is made with its data folder; before that nothing is signed that lasts.
MADE_KEY = env.kept_secret(PLACES.secret_key) or secrets.token_urlsafe()
SECRET_KEY = env.text("SECRET_KEY", MADE_KEY if EMBEDDED else None)
ALLOWED_HOSTS = env.text("ALLOWED_HOSTS", "*" if EMBEDDED else env.host_of(PUBLIC_URL)).split(",")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL.startswith("https://") else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "lucide",
    "pgtrigger",
    "pghistory",
    "scheduling.apps.SchedulingConfig",
    "notifications.apps.NotificationsConfig",
    "web.apps.WebConfig",
    "django.forms",  # after web, whose field template comes first
    "config.apps.ConfigConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.security_headers.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.logging.RequestLogMiddleware",
    "web.plain_requests.PlainRequests",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "web.access.SignInRequired",
    "web.current_clinic.CurrentClinic",
    "web.idle_lock.IdleLock",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.navigation.around_the_page",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

AUTH_USER_MODEL = "scheduling.User"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_AGE = 12 * 60 * 60
# A page that nobody has used for so long asks who is there.
IDLE_LOCK_MINUTES = env.whole_number("IDLE_LOCK_MINUTES", 15, least=2, most=60)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.given("BEHIND_PROXY") else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Named as in Django 6, whose own middleware can then replace ours.
SECURE_CSP = {
    "default-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "web" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

FILE_UPLOAD_HANDLERS = [
    "web.uploads.CutUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

STATIC_URL = "static/"
STATIC_ROOT = None if EMBEDDED else Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
# The embedded mode serves files from where they stand; elsewhere `collectstatic` names and compresses them.
WHITENOISE_USE_FINDERS = EMBEDDED
STATIC_BACKEND = "django.contrib.staticfiles.storage.StaticFilesStorage"
COLLECTED_BACKEND = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": STATIC_BACKEND if EMBEDDED else COLLECTED_BACKEND},
}

LOGGING_CONFIG = "config.logging.configure"
LOGGING = logging_settings(json=env.text("LOG_FORMAT", "text" if EMBEDDED else "json") == "json")
