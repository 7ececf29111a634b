import { expect, test } from '@jest/globals';
import { listeningInodes } from './port-holder.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1111 1 0 100 0 0 10 0
   1: 0100007F:0FA0 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 2222 1 0 20 4 30 10 -1
   2: 00000000:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3333 1 0 100 0 0 10 0
`;

test('of all connections on a port only the listening socket is its holder', () => {
  expect(listeningInodes(TABLE, 4000)).toEqual(['1111']);
  expect(listeningInodes(TABLE, 3000)).toEqual(['3333']);
  expect(listeningInodes(TABLE, 5000)).toEqual([]);
});
