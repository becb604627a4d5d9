# The bot as one small image: dependencies by hash from the lock, no compiler, no root.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements/run.txt requirements/run.txt
RUN python -m venv /opt/failures && /opt/failures/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md manifest.yml ./
COPY bot bot
COPY templates templates
COPY migrations migrations
RUN /opt/failures/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home failures && install -d -o failures /data
COPY --from=build /opt/failures /opt/failures
ENV PATH=/opt/failures/bin:$PATH PYTHONUNBUFFERED=1 FAILURES_DB_PATH=/data/failures.db
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["failures"]
CMD ["run"]
