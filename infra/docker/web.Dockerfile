# syntax=docker/dockerfile:1.20
# The web app behind nginx, which also passes API and socket on. Built from the root of the repository:
#   docker build -f infra/docker/web.Dockerfile -t plinth-web .
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
ENV TURBO_TELEMETRY_DISABLED=1
COPY --parents package.json package-lock.json .npmrc apps/*/package.json packages/*/package.json scripts/package.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npx turbo run build --filter=@plinth/web...

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
