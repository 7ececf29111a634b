# syntax=docker/dockerfile:1.20
# The web app behind nginx, which also passes API and socket on. Built from the root of the repository:
#   docker build -f infra/docker/web.Dockerfile -t plinth-web .
#
# A page that is open during a deployment still asks for files of its own release. To keep them, name the last image:
#   docker build -f infra/docker/web.Dockerfile --build-context previous=docker-image://plinth-web:<last> -t plinth-web .
FROM node:24.21.0-bookworm-slim AS previous
RUN mkdir -p /usr/share/nginx/html

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
ENV TURBO_TELEMETRY_DISABLED=1
COPY --parents package.json package-lock.json .npmrc apps/*/package.json packages/*/package.json scripts/package.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
COPY --from=previous /usr/share/nginx/html /previous
RUN PREVIOUS_DIST=/previous npx turbo run build --env-mode=loose --filter=@plinth/web...

# Slim: nginx and busybox, without the modules for images, maps and scripting.
FROM nginxinc/nginx-unprivileged:1.30.4-alpine-slim AS runtime
# Another set of proxies in front: mount your own over /etc/nginx/trusted-proxies.conf.
COPY infra/nginx/*.conf /etc/nginx/
COPY --from=build /app/apps/web/dist /usr/share/nginx/html
USER 101:101
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=5s --start-interval=1s --retries=3 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/nginx-health"]
# Not the image's entry point: it edits the configuration at start, which a read-only root refuses.
ENTRYPOINT []
CMD ["nginx", "-g", "daemon off;"]
