# The web app behind nginx, which also passes API and socket on. Built from the root of the repository, by any engine that
# has BuildKit (Docker 20.10 or later; no other frontend is fetched):
#   docker build -f infra/docker/web.Dockerfile -t plinth-web .
#
# A page that is open during a deployment still asks for files of its own release. To keep them, name the last image:
#   docker build -f infra/docker/web.Dockerfile --build-arg PREVIOUS=plinth-web:<last> -t plinth-web .
# Without one, the server's own image stands for it, which has no release.
ARG PREVIOUS=server

# Slim: nginx and busybox, without the modules for images, maps and scripting.
FROM nginxinc/nginx-unprivileged:1.30.4-alpine-slim AS server

FROM $PREVIOUS AS previous

FROM node:24.21.0-bookworm-slim AS base
WORKDIR /app

# What npm reads, and nothing else: a change of the code installs nothing anew. By pattern, so that no workspace is missed.
FROM base AS manifests
COPY . .
RUN mkdir /manifests && find . -name package.json -exec cp --parents -t /manifests {} + && \
    cp package-lock.json .npmrc /manifests

FROM base AS build
ENV TURBO_TELEMETRY_DISABLED=1
COPY --from=manifests /manifests ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
COPY --from=previous /usr/share/nginx/html /previous
RUN PREVIOUS_DIST=/previous npx turbo run build --env-mode=loose --filter=@plinth/web...

FROM server AS runtime
# Another set of proxies in front: mount your own over /etc/nginx/trusted-proxies.conf.
COPY infra/nginx/*.conf /etc/nginx/
COPY --from=build /app/apps/web/dist /usr/share/nginx/html
USER 101:101
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s --retries=3 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/nginx-health"]
# Not the image's entry point: it edits the configuration at start, which a read-only root refuses.
ENTRYPOINT []
CMD ["nginx", "-g", "daemon off;"]
