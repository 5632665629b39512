# The API, the worker and beat: one image, three commands (see docker-compose.yml).
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS wheels
WORKDIR /build
COPY requirements.txt .
RUN pip wheel --no-cache-dir --wheel-dir /wheels -r requirements.txt

FROM ${PYTHON_IMAGE}
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHON_ENV=production \
    FLASK_APP=wsgi \
    PORT=8000
RUN groupadd --system --gid 10001 diecast \
    && useradd --system --uid 10001 --gid diecast --home-dir /app --shell /usr/sbin/nologin diecast
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels /wheels/*.whl
WORKDIR /app
COPY diecast_api diecast_api
COPY worker worker
COPY migrations migrations
COPY wsgi.py gunicorn.conf.py ./
USER diecast
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health', timeout=4)"]
CMD ["gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
