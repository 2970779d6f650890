# Causerie in a container: docker build -t causerie . && see docs/operator.md for how to run it.
# The steps are run in a plain shell by tests/integration/packaging, the file is linted by hadolint.

# The Python on which the tests run. Pin it by digest where builds must repeat byte for byte.
# This stage is not slim: its C compiler makes the forwarder's accelerator.
FROM python:3.11-bookworm AS build
WORKDIR /src

# Two environments: the second one, which builds, never reaches the image.
COPY requirements.txt requirements-build.txt ./
RUN python3 -m venv /opt/causerie \
    && /opt/causerie/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.txt
RUN python3 -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements-build.txt

# Node's packages are a layer of their own: they change less often than the pages.
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc frontend/build_hook.py frontend/
RUN /opt/build/bin/python frontend/build_hook.py install

COPY pyproject.toml README.md LICENSE .gitignore ./
COPY frontend frontend
COPY app app
COPY live live
COPY moderation moderation
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /opt/wheels . \
    && /opt/causerie/bin/pip install --no-cache-dir --no-deps --no-index --find-links /opt/wheels causerie


FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Causerie" \
      org.opencontainers.image.description="A self-hosted, real-time companion for live video" \
      org.opencontainers.image.licenses="Apache-2.0"

# The environment keeps its path: its scripts name it.
COPY --from=build /opt/causerie /opt/causerie
RUN install -d -m 0700 -o 10001 -g 10001 /var/lib/causerie

ENV PATH=/opt/causerie/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CAUSERIE_HOST=0.0.0.0 \
    CAUSERIE_DATA_DIR=/var/lib/causerie

# A number needs no entry in a user database and can be checked by an orchestrator.
USER 10001:10001
VOLUME /var/lib/causerie
EXPOSE 8000/tcp 8189/udp
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ.get('CAUSERIE_PORT', '8000') + '/healthz', timeout=2)"]
ENTRYPOINT ["causerie"]
CMD ["serve"]
