export * from '../apps/backend/src/testing/built-app.ts';
