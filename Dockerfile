# The program on a small base: no compiler, no pip, no root. docs/container.md says how it is run.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /src
COPY . .
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /dist .
# The environment has no pip of its own: whoever gets in installs nothing.
RUN python -m venv --without-pip /opt/trackersync \
    && python -m pip --python /opt/trackersync/bin/python install --no-cache-dir "$(ls /dist/*.whl)[postgres]"

FROM python:${PYTHON}-slim
LABEL org.opencontainers.image.title="trackersync" \
      org.opencontainers.image.description="One delivery process across Jira and GitHub" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/trackersync /opt/trackersync
# A number, so that Kubernetes can see that it is not root's.
RUN install -d -o 10001 -g 10001 -m 0750 /data
# Nothing is written but the store: the file system may be read-only.
ENV PATH="/opt/trackersync/bin:$PATH" \
    HOME=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8484
# To Python itself, which ends what is under way; give it 20 seconds (docker run --stop-timeout).
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-m", "trackersync.cli.alive"]
ENTRYPOINT ["trackersync"]
CMD ["serve", "--host", "0.0.0.0"]
