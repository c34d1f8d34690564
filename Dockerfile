# A run in a container: deploy/run.py. Nothing in here is secret, and nothing is fetched when it runs
# but the Hub. Build it from the root: docker build --tag hub-observatory . A command follows the
# image: docker run hub-observatory snapshots --help.

# The digest is that of the tag, as docker-library/repo-info lists it. A newer one:
#   docker buildx imagetools inspect python:3.11-slim-bookworm
FROM python:3.11.16-slim-bookworm@sha256:fe556eaffd0d96abd8685b83bb8a69addd0dc730fa193669a7df0d49ddcfac02 AS install
WORKDIR /install
COPY requirements-uv.lock requirements.lock ./
RUN python -m venv /venv && \
    /venv/bin/pip install --no-cache-dir --require-hashes -r requirements-uv.lock && \
    /venv/bin/uv pip install --no-cache --compile-bytecode --python /venv/bin/python \
        --require-hashes --no-deps -r requirements.lock && \
    /venv/bin/uv pip uninstall --python /venv/bin/python uv pip setuptools

FROM python:3.11.16-slim-bookworm@sha256:fe556eaffd0d96abd8685b83bb8a69addd0dc730fa193669a7df0d49ddcfac02
WORKDIR /app
COPY --from=install /venv /venv
COPY . .
# The code stays root's, so that a run cannot change it; data/ is where a run may write.
RUN cp profiles.example.yml profiles.yml && \
    python -m compileall -q loaders reports simulator deploy && \
    install -d -o 10001 -g 10001 data
USER 10001:10001
ENV HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    RUNTIME__DLTHUB_TELEMETRY=false
ENTRYPOINT ["/venv/bin/python", "deploy/run.py"]
CMD ["monthly"]
