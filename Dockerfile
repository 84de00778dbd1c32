# The image of the action. Its base is an argument so that a release pins it by digest and a
# machine without a registry can name a local one.
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
ENV PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
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

FROM ${BASE}
COPY --from=build /install /usr/local
COPY entrypoint.py post.py /app/
# Byte code for our code, the libraries and the standard library (the official image ships none):
# without it every start compiles some 300 modules again, 3 times the time. The same for our
# templates, rules and expressions. No build tool stays.
RUN cd /usr/local/lib/python3* \
 && rm -rf ensurepip idlelib lib2to3 tkinter turtledemo /usr/local/bin/pip* /usr/local/bin/wheel \
      site-packages/pip* site-packages/wheel* site-packages/setuptools* \
      site-packages/pkg_resources site-packages/_distutils_hack site-packages/distutils-precedence.pth \
 && python -m compileall -q --invalidation-mode unchecked-hash -x '/(test|tests)/' . /app \
 && python -I -m upshot.report.templating && python -I -m upshot.evidence.rules \
 && python -I -m upshot.runner.startup
# No USER: the runner's mounted files belong to its default user (docs/decisions/0005-image.md).
ENTRYPOINT ["/usr/local/bin/python", "-I", "/app/entrypoint.py"]
