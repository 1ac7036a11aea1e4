FROM node:24-bookworm-slim AS assets
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev

FROM python:3.13-slim-bookworm AS packages
RUN python -m venv /venv
COPY requirements.txt ./
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

# For the PDFs: Noto has every character, Fandol (GPL with font exception) draws 仿宋 and 楷体.
FROM python:3.13-slim-bookworm AS fonts
WORKDIR /build
RUN apt-get update && apt-get download fonts-noto-cjk texlive-lang-chinese \
    && for package in *.deb; do dpkg -x "$package" .; done \
    && install -D --mode 644 --target-directory /fonts \
        usr/share/fonts/opentype/noto/Noto*CJK-*.ttc \
        usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/Fandol[FK]a*-Regular.otf \
        usr/share/doc/texlive-doc/fonts/fandol/COPYING.gz

FROM python:3.13-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 \
    STATIC_ROOT=/app/staticfiles MEDIA_ROOT=/data/media OUTREACH_DATA_DIR=/data
RUN useradd --system --uid 10001 --home-dir /app outreach \
    && install --directory --owner outreach --group outreach /data /data/media /data/beat
WORKDIR /app
COPY --from=packages /venv /venv
COPY --from=fonts /fonts /usr/share/fonts/reports
COPY . .
COPY --from=assets /build/node_modules node_modules
# The settings want all that a deployment has; collecting files uses nothing of it.
RUN SECRET_KEY=build ALLOWED_HOSTS=build DATABASE_URL=postgres://build@localhost/build \
    REDIS_URL=redis://localhost python manage.py collectstatic --no-input \
    && rm -r node_modules
USER outreach
EXPOSE 8000
CMD ["gunicorn", "outreach.wsgi", "--bind", "0.0.0.0:8000", "--preload", "--no-control-socket", \
     "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/dev/shm", \
     "--max-requests", "5000", "--max-requests-jitter", "500", "--access-logfile", "-", \
     "--logger-class", "outreach.access_log.AccessLog"]
