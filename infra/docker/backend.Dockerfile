# API, worker and migrations in one image; only the command differs. Built from the root of the repository, by any
# engine that has BuildKit (Docker 20.10 or later; no other frontend is fetched):
#   docker build -f infra/docker/backend.Dockerfile -t plinth-backend .
# Slim, not distroless: that has no tags for an exact Node version, and the version here is the one that is tested.
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
# What is needed at run time, without what npm cannot tell from it: types, source maps, other databases, optional peers.
RUN npx turbo run build --filter=@plinth/backend... && node scripts/production/image.ts /image

FROM base AS runtime
# SERVE_WEB: the page is in the image of web.Dockerfile.
ENV NODE_ENV=production \
    SERVE_WEB=false
# What is started is node; nothing here needs a package manager.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
    /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-*
# Everything belongs to root and is read only for the user that runs it.
COPY --from=build /image ./

# Sent with errors and traces. Late, because it changes with every build.
ARG APP_VERSION=dev
ENV APP_VERSION=$APP_VERSION
# By number, so that Kubernetes can see that it is not root.
USER 1000:1000
WORKDIR /app/apps/backend
EXPOSE 4000
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 4000}/healthz`).then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
# The worker:  node --import ./dist/instrument.js dist/worker.js
# Migrations:  node /app/packages/database/scripts/db.ts deploy
CMD ["node", "--import", "./dist/instrument.js", "dist/main.js"]
