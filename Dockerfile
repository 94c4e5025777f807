FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/srv/static RUN_FOLDER=/srv/run
WORKDIR /srv/infusion-desk
COPY requirements/prod.txt requirements/prod.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/prod.txt
COPY . .
RUN python -m config.catalogues \
    && DATABASE_URL=postgresql://build@build/build REDIS_URL=redis://build EMAIL_URL=outbox: SMS_URL=outbox: \
       PUBLIC_URL=https://build SECRET_KEY=build python manage.py collectstatic --no-input \
    && useradd --system infusion && mkdir -p /srv/run && chown infusion /srv/run
USER infusion
EXPOSE 8000
