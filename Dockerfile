# docker build -t mostrador . && docker run -p 8090:8090 -v mostrador:/data mostrador
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -trimpath -tags no_default_driver -ldflags "-s -w" -o /mostrador .

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates tzdata && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /data mostrador
COPY --from=build /mostrador /usr/local/bin/mostrador
USER mostrador
WORKDIR /data
VOLUME /data
EXPOSE 8090
ENV PORT=8090
HEALTHCHECK --interval=30s --timeout=5s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8090"]
ENTRYPOINT ["mostrador"]
CMD ["serve", "--dir", "/data/pb_data"]
