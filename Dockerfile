# Builds the Debian package and installs it on a bare Debian 12:
#
#   docker build --tag polylex .
#   docker run --rm --volume "$PWD:/data" polylex query translate house --from en --to fi
FROM swift:6.3-bookworm AS build
WORKDIR /polylex
COPY . .
# Pages and packages bear a date; without the repository's history it is given: --build-arg SOURCE_DATE_EPOCH=…
ARG SOURCE_DATE_EPOCH=1767225600
ENV SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH}
# hadolint ignore=DL3008
RUN tools/setup \
    && apt-get install --yes --no-install-recommends binutils dpkg-dev \
    && tools/package deb \
    && rm -rf .build-package /var/lib/apt/lists/*

# Not the slim image: it leaves out the licences of what is in the programs.
FROM debian:12
COPY --from=build /polylex/work/package/out/ /packages/
# Versions are those of Debian 12 on the day the image is made, security fixes among them.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends /packages/polylex_*_amd64.deb \
    && rm -rf /packages /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 polylex
# As a number, which orchestrators can check.
USER 1000
WORKDIR /data
ENV POLYLEX_STORE=/data/indexes
CMD ["query", "--help"]
