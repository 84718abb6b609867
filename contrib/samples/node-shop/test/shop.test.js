import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { formatPrice, total } from '../lib/catalogue.js';
import { minifyCss, minifyJs } from '../lib/minify.js';
import { openQueue } from '../lib/orders.js';

test('an order costs what its lines cost', () => {
  assert.equal(formatPrice(total([{ id: 'honey', count: 2 }, { id: 'nuts', count: 1 }])), '€22.60');
});

test('what is not sold cannot be ordered', () => {
  assert.throws(() => total([{ id: 'bees', count: 1 }]), /no product "bees"/);
  assert.throws(() => total([{ id: 'honey', count: 0 }]), /expected 1 or more/);
  assert.throws(() => total([]), /at least one line/);
});

test('bundles lose what browsers do not need', () => {
  assert.equal(minifyCss('/* a */ a > b {\n  color: red;\n}\n'), 'a>b{color:red}');
  assert.equal(minifyJs("// why\n\n  let a = 'x // y';\n"), "let a = 'x // y';");
});

test('orders leave the queue in the order they came', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'node-shop-'));
  t.after(() => rm(folder, { recursive: true }));
  const queue = openQueue(folder);
  const first = await queue.put({ sum: 'one' });
  const second = await queue.put({ sum: 'two' });

  assert.deepEqual(await queue.next(), { id: first, sum: 'one' });
  await queue.done(first);
  assert.equal((await queue.next()).id, second);
  await queue.done(second);
  assert.equal(await queue.next(), null);
});
