import { expect, it } from 'vitest';
import { parseText } from '../../parse/text.ts';
import { familySnapshot } from '../family-snapshot.ts';
import { entryOf } from './deliver-kept.ts';
import { merged } from './entry.ts';

it('keeps what another program wrote as it is, with what comes later', () => {
  const entry = (body: string) => {
    const snapshot = familySnapshot(parseText(body, { lenient: true }), 'test');
    return entryOf('sink', { job: 'j', grouping: {}, mode: 'add', snapshot }, 0);
  };
  const histogram = '# HELP h \n# TYPE h histogram\nh_bucket{a="1",le="1.0"} 1\nh_bucket{a="2",le="60.0"} 1\n';
  const created = '# HELP h_created \n# TYPE h_created gauge\nh_created 2\n';
  expect(merged(entry(histogram), entry(created)).body).toBe(histogram + created);
});
