# For a machine whose glibc is older than the newest TFX needs. In the checkout:
#
#   docker build -t fit-component .
#   docker run --rm fit-component make demo
FROM debian:trixie

# A layer of its own, which changes less often than the code.
COPY tools/system_packages.sh /usr/local/bin/
RUN system_packages.sh

WORKDIR /fit-component
COPY . .
RUN tools/environment.sh tfx

CMD ["make", "test"]
