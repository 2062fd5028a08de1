"""Settings of one city hall. Everything that differs between installations comes from the environment."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from config.secrets import installation_secret

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("CITYHALL_VAR", BASE_DIR / "var")).resolve()
CITY_PACK = BASE_DIR / "packs" / os.environ.get("CITYHALL_PACK", "kaohsiung")

DEBUG = os.environ.get("CITYHALL_DEBUG") == "1"
DEMO = os.environ.get("CITYHALL_DEMO") == "1"
SECRET_KEY = installation_secret(VAR_DIR)
# For a change of secrets, newest first: these encrypt personal data in place of SECRET_KEY (foundation/encryption.py).
CITYHALL_KEYS = [key for key in os.environ.get("CITYHALL_KEYS", "").split(",") if key]
# How many proxies in front of this server append to X-Forwarded-For. With 0 the header, which anyone can write, is
# ignored.
CITYHALL_TRUSTED_PROXIES = int(os.environ.get("CITYHALL_TRUSTED_PROXIES", "0"))
CITYHALL_RATE_LIMIT_FACTOR = float(os.environ.get("CITYHALL_RATE_LIMIT_FACTOR", "1"))  # for load tests
ALLOWED_HOSTS = os.environ.get("CITYHALL_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
PUBLIC_URL = os.environ.get("CITYHALL_URL", "http://localhost:8000")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
HTTPS = PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_htmx",
    "procrastinate.contrib.django",
    "foundation",
    "identity",
    "organisation",
    "figures",
    "search",
    "messages",
    "classification",
    "retention",
    "cases",
    "servicerequests",
    "publicworks",
    "singlesignon",
    "dashboard",
    "annualreport",
    "publicmap",
    "portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "foundation.context.city",
                "portal.context.house",
            ],
            "builtins": ["foundation.templatetags.city", "figures.templatetags.readings"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"


def database(url: str) -> dict:
    """Django's database settings from a libpq URL (``postgresql://user@host:port/name?host=/socket/dir``)."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or query.pop("password", "")),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or query.pop("port", "")),
        # A pool a process: without one throughput falls four to six times (docs/decisions).
        # Prepared statements are used where a statement is written for it (foundation/inserting.py); a threshold that
        # is never reached leaves all others alone.
        "OPTIONS": {
            "pool": {"min_size": 2, "max_size": 4, "timeout": 30},
            "prepare_threshold": None if query.pop("prepare_threshold", "") == "off" else 1_000_000,
            **query,
        },
    }


# The launcher sets DATABASE_URL; without it (`python manage.py` by hand) the embedded server is where it usually is.
EMBEDDED = f"postgresql://cityhall@/cityhall?host={VAR_DIR}/postgres"
DATABASES = {"default": database(os.environ.get("DATABASE_URL", EMBEDDED))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Jobs (foundation/jobs.py). Each runs in a thread with a connection of its own: stay below the pool's max_size.
PROCRASTINATE_WORKER_DEFAULTS = {
    "concurrency": 3,
    # No LISTEN: a NOTIFY with each job would make all commits queue (foundation/migrations/0003).
    "listen_notify": False,
    "fetch_job_polling_interval": 0.5,  # seconds
    "delete_jobs": "successful",  # failed ones stay, for an operator to see
    "shutdown_graceful_timeout": 20.0,
    "stalled_worker_timeout": 60.0,
}

AUTH_USER_MODEL = "identity.User"
# Who may do what: memberships lie above the doors that ask for them, so the doors find them by name.
GRANTS = "organisation.permissions.grants_of"
# Where somebody arrives who signed in without having asked for a page: a function of the user, "" for their account.
LANDING = "portal.context.work_of"
PASSWORD_HASHERS = ["config.hashers.CityArgon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "identity.passwords.GuessedPasswordValidator"},
    {"NAME": "identity.passwords.BreachedPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email", "phone")},
    },
]
# A file of breached passwords as Have I Been Pwned publishes them, sorted by SHA-1; without it none is asked.
BREACHED_PASSWORDS = os.environ.get("CITYHALL_BREACHED_PASSWORDS", "")
# The words that everybody knows of this house, for passwords made of them.
HOUSE_WORDS = "organisation.directory.house_words"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
SESSION_ENGINE = "identity.sessions"
# Who is told that sessions are over: a function of their names.
SESSIONS_ENDED = "singlesignon.actions.logout.sessions_ended"
# Who sends the letters about an account: messages stand above identity as well.
LETTERS = "messages.actions.send"
# The level of a session (identity/levels.py) that the doors of staff ask for: 1 a password, 2 a second proof, 3 a
# certificate of the state. In public two proofs, unless the operator says otherwise (identity/checks.py).
STAFF_LEVEL = int(os.environ.get("CITYHALL_STAFF_LEVEL", "1" if DEMO or DEBUG else "2"))
# Hours between the counter's word and the moment from which it gives an account back; the owner is told at once.
RECOVERY_COOLING_HOURS = int(os.environ.get("CITYHALL_RECOVERY_COOLING_HOURS", "0"))
# A session ends when nothing was done in it for so many minutes (staff; everybody else and crews), and surely after
# SESSION_COOKIE_AGE seconds (identity/sessions.py).
SESSION_IDLE_STAFF = int(os.environ.get("CITYHALL_SESSION_IDLE_STAFF", "30"))
SESSION_IDLE = int(os.environ.get("CITYHALL_SESSION_IDLE", "240"))
# Whose page of the house somebody is on the way to when they sign in: a function of its address.
BOUND_FOR = "singlesignon.actions.authorizing.bound_for"
SESSION_COOKIE_AGE = 12 * 3600
# With TLS a cookie that no other host and no plain connection can have set (RFC 6265bis, 4.1.3.2).
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": ["'self'"],
    # Tiles of the National Land Surveying and Mapping Center; the maps work without them.
    "img-src": ["'self'", "data:", "blob:", "https://wmts.nlsc.gov.tw"],
    "object-src": ["'none'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}

# How long a process may not know that a storm or an incident has begun (organisation/storm.py), in seconds.
NEWS_SECONDS = 3.0
# As old may the numbers of a board be: what a process counted for one reader is shown to the next.
BOARD_SECONDS = 15.0

LANGUAGE_CODE = "zh-hant"
LANGUAGES = [("zh-hant", "正體中文"), ("en", "English")]
TIME_ZONE = "Asia/Taipei"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "foundation.storage.StaticStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "foundation.uploads.PatientFileUploadHandler",
]

# SMTP, as smtp://user:password@host:port ; without it mail stays in the outbox, which the demo shows.
MAIL_URL = os.environ.get("CITYHALL_MAIL_URL", "")
DEFAULT_FROM_EMAIL = os.environ.get("CITYHALL_MAIL_FROM", "no-reply@cityhall.example")
# The city's mailbox, as imaps://user:password@host/INBOX ; without it nobody's mail is fetched.
INBOX_URL = os.environ.get("CITYHALL_INBOX_URL", "")
# Where networks are: a file in MaxMind's format (docs/operators.md); without it nobody's country is known.
PLACES = os.environ.get("CITYHALL_PLACES", "")
# LINE's Messaging API: the channel's secret, by which webhooks are signed, and its access token.
LINE_SECRET = os.environ.get("CITYHALL_LINE_SECRET", "")
LINE_TOKEN = os.environ.get("CITYHALL_LINE_TOKEN", "")
LINE_API_URL = os.environ.get("CITYHALL_LINE_API_URL", "https://api.line.me")
LINE_DATA_URL = os.environ.get("CITYHALL_LINE_DATA_URL", "https://api-data.line.me")
# Text messages: an HTTP gateway (docs/operators.md), the token that it knows us by, the secret it signs receipts with.
SMS_URL = os.environ.get("CITYHALL_SMS_URL", "")
SMS_TOKEN = os.environ.get("CITYHALL_SMS_TOKEN", "")
SMS_SECRET = os.environ.get("CITYHALL_SMS_SECRET", "")
# Codes to mobile numbers that may go out within a day: what a stranger can cost the city at most.
SMS_CODES_A_DAY = int(os.environ.get("CITYHALL_SMS_CODES_A_DAY", "2000"))
# Networks within, whose hosts may be called all the same where others gave the address (foundation/outbound.py).
OUTBOUND_NETWORKS = [network for network in os.environ.get(
    "CITYHALL_OUTBOUND_NETWORKS", "127.0.0.0/8,::1/128" if DEMO else ""
).split(",") if network]  # fmt: skip
# Web push: the services of the browsers, without which there is none; and our key, else one made once in var/vapid.pem.
PUSH_SERVICES = [host for host in os.environ.get(
    "CITYHALL_PUSH_SERVICES", "fcm.googleapis.com,push.services.mozilla.com,notify.windows.com,push.apple.com"
).split(",") if host]  # fmt: skip
VAPID_KEY = os.environ.get("CITYHALL_VAPID_KEY", "")
# 行動自然人憑證 (TW FidO): the service, the number that it knows us by, a folder with key, anchors.pem and revoked.crl
# (docs/operators.md), where that list is published, and what opens the app. Without the first three it is not offered.
FIDO_URL = os.environ.get("CITYHALL_FIDO_URL", "")
FIDO_SERVICE = os.environ.get("CITYHALL_FIDO_SERVICE", "")
FIDO_FILES = os.environ.get("CITYHALL_FIDO_FILES", "")
FIDO_CRL_URL = os.environ.get("CITYHALL_FIDO_CRL_URL", "")
FIDO_APP_URL = os.environ.get("CITYHALL_FIDO_APP_URL", "mobilemoica://moica.moi.gov.tw")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # It reports every rule for screens in the shared style sheets; what matters, missing characters, is checked before.
    "loggers": {"weasyprint": {"level": "ERROR"}},
    "root": {"handlers": ["console"], "level": os.environ.get("CITYHALL_LOG", "WARNING")},
}
