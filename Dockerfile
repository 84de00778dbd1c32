# The image of the action. Its base is an argument so that a release pins it by digest and a
# machine without a registry can name a local one.
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
ENV PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# Tracebacks show lines, not columns: a fifth of the byte code.
ENV PYTHONNODEBUGRANGES=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
COPY requirements/runtime.txt requirements/build.txt requirements/
# Hash-locked, wheels only: nothing is compiled or run from a source archive.
RUN python -m pip install --no-compile \
      --require-hashes --no-deps --only-binary :all: --prefix /install -r requirements/runtime.txt \
 && python -m pip install \
      --require-hashes --no-deps --only-binary :all: -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY src/upshot src/upshot
RUN python -m pip install --no-compile --no-index \
      --no-deps --no-build-isolation --prefix /install .
COPY rootfs rootfs
COPY entrypoint.py post.py app/
# Empty only to measure what byte code is good for: without it every start compiles some 300 modules.
ARG BYTE_CODE=yes
RUN python -m rootfs --installed /install --programs app --into /image ${BYTE_CODE:+--byte-code}

# From nothing: no shell, no package manager, no compiler (docs/decisions/0045-image-from-scratch.md).
# What changes most seldom comes first, so that a runner fetches again only what a release changed.
FROM scratch
COPY --from=build /image/python /
COPY --from=build /image/libraries /
COPY --from=build /image/upshot /
# No USER: the runner's mounted files belong to its default user (docs/decisions/0005-image.md).
ENTRYPOINT ["/usr/local/bin/python", "-I", "/app/entrypoint.py"]
