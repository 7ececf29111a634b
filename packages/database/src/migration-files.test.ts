import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { hasChecksum } from './migration-files.ts';

const checksum = createHash('sha256').update('SELECT 1;\nSELECT 2;\n').digest('hex');

test('a migration with line ends changed by Git is still the one that was applied', () => {
  expect(hasChecksum('SELECT 1;\nSELECT 2;\n', checksum)).toBe(true);
  expect(hasChecksum('SELECT 1;\r\nSELECT 2;\r\n', checksum)).toBe(true);
});

test('any other change makes it another one', () => {
  expect(hasChecksum('SELECT 1;\nSELECT 3;\n', checksum)).toBe(false);
  expect(hasChecksum('SELECT 1;\nSELECT 2;', checksum)).toBe(false);
});
