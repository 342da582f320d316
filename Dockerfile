# One image for every process of Headrace; the command says which one runs.
FROM python:3.11-slim AS packages
RUN python -m venv /opt/venv
COPY requirements.lock .
# A file whose hash is not in the lock is refused.
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes --requirement requirements.lock
# Headrace runs from its sources, so all that installing it would add is the command.
RUN printf '%s\n' '#!/opt/venv/bin/python' 'from cli.main import main' '' 'main()' > /opt/venv/bin/headrace \
    && chmod +x /opt/venv/bin/headrace

FROM python:3.11-slim
RUN useradd --system --create-home --home-dir /var/lib/headrace headrace
COPY --from=packages /opt/venv /opt/venv
COPY . /opt/headrace
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/opt/headrace PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER headrace
WORKDIR /var/lib/headrace
VOLUME /var/lib/headrace
EXPOSE 8000
ENTRYPOINT ["headrace"]
CMD ["--help"]
