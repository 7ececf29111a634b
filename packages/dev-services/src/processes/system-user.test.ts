import { expect, test } from '@jest/globals';
import { launchAs, parsePasswd } from './system-user.ts';

test('users are read from the passwd file, whatever else is in it', () => {
  const text = 'root:x:0:0:root:/root:/bin/bash\n\nnobody:x:65534:65533:nobody:/:/usr/sbin/nologin\n+\n';
  expect(parsePasswd(text)).toEqual([
    { name: 'root', uid: 0, gid: 0 },
    { name: 'nobody', uid: 65534, gid: 65533 },
  ]);
});

test('an ordinary user runs the server as it is', () => {
  expect(launchAs(undefined, '/bin/postgres', ['-D', '/data'], ['/data'])).toEqual({
    command: '/bin/postgres',
    args: ['-D', '/data'],
  });
});
