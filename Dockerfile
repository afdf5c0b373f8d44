# 本番の像。一台で動かすための部品（config/embedded）の依存は入れない。
FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore UV_LINK_MODE=copy
WORKDIR /build
COPY scripts/uv.lock requirements-server.lock ./
RUN python -m venv /opt/musubi \
    && pip install --quiet --no-cache-dir --require-hashes -r uv.lock \
    && uv pip install --quiet --no-cache --compile-bytecode --require-hashes \
       --python /opt/musubi/bin/python -r requirements-server.lock

FROM python:3.13-slim-bookworm
# 契約書の字は Python の部品（pylopdf-fonts-jp）に入っているので、OS の字は要らない。
# pg_dump と pg_restore（バックアップ）は、サーバーと同じ版を PostgreSQL の配布元（PGDG）から入れる。
# 画像の頁の文字を読むなら（OCR_COMMAND）: --build-arg OCR_PACKAGES="tesseract-ocr tesseract-ocr-jpn"
ARG OCR_PACKAGES=""
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 $OCR_PACKAGES \
       ca-certificates postgresql-common \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install -y --no-install-recommends postgresql-client-18 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin musubi
COPY --from=build /opt/musubi /opt/musubi
ENV PATH=/opt/musubi/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/srv/static
WORKDIR /srv/musubi
COPY . .
RUN pybabel --quiet compile --directory locale --domain django \
    && SECRET_KEY=build python manage.py cut_fonts \
    && SECRET_KEY=build python manage.py collectstatic --no-input --verbosity 0
# 名でなく番号で書くと、root でないことを、動かす側が像を開かずに確かめられる
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "--config", "python:config.gunicorn", "--bind", "0.0.0.0:8000", "--preload"]
