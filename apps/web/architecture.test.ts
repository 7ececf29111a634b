import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');

/** Source that runs in a browser: the web app, and the part of the client package that it uses. */
const files = globSync(['apps/web/src/**/*.{ts,tsx}', 'packages/client/src/**/*.ts'], { cwd: ROOT }).filter(
  (file) => !/\.(?:test|e2e|e2e-support)\.tsx?$/.test(file),
);
const text = new Map(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));
const filesWith = (pattern: RegExp) => files.filter((file) => pattern.test(text.get(file) ?? ''));

/** Interfaces that are marked [SecureContext] in their specification, as far as a page like this one could want them. */
const SECURE_CONTEXT_ONLY =
  /\brandomUUID\b|\bcrypto\s*(?:\?\.|\.)\s*subtle\b|\bnavigator\s*(?:\?\.|\.)\s*(?:clipboard|locks|serviceWorker|storage|credentials|mediaDevices|wakeLock|share|canShare|geolocation|usb|bluetooth|setAppBadge)\b|\bNotification\.requestPermission\b|\bPushManager\b|\bcaches\s*\.\s*\w+\(|\bcookieStore\b|\bshow(?:OpenFile|SaveFile|Directory)Picker\b/;

describe('the rules of the web app', () => {
  test('the files were found at all', () => {
    expect(files.length).toBeGreaterThan(50);
  });

  test('what only secure contexts have is touched in one place, which knows what to do without', () => {
    expect(filesWith(SECURE_CONTEXT_ONLY)).toEqual(['apps/web/src/app/secure-context.ts']);
  });

  test('"nothing here" is said through <Loaded> or after a reading that went well, never by hand', () => {
    const offenders = filesWith(/<EmptyState/).filter(
      (file) => !/<Loaded|viewOf\(/.test(text.get(file) ?? ''),
    );
    expect(offenders).toEqual([]);
  });

  test('a part that is loaded later is loaded through loadPart, which knows what a deployment does to it', () => {
    expect(filesWith(/(?<!\bloadPart\(\(\) => )\bimport\(/)).toEqual([]);
  });
});
