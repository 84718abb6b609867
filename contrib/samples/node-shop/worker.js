// Packs the orders that the web server takes; while there are none it counts the shelves.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LOW_STOCK, findProduct, products } from './lib/catalogue.js';
import { openQueue } from './lib/orders.js';

const orders = openQueue(fileURLToPath(new URL('orders', import.meta.url)));
const stopping = new AbortController();
let shelf = 0;

async function pack({ id, lines, sum }) {
  for (const [index, line] of lines.entries()) {
    console.log(`order ${id}: packing ${line.count} x ${findProduct(line.id)?.name ?? line.id} (${index + 1}/${lines.length})`);
  }
  await orders.done(id);
  console.log(`order ${id}: packed, ${sum}`);
}

function count() {
  const { name, stock } = products[shelf];
  console.log(`shelf ${shelf + 1}/${products.length}: ${stock} x ${name}`);
  if (stock < LOW_STOCK) console.warn(`warning: only ${stock} left of ${name}, order more`);
  shelf = (shelf + 1) % products.length;
}

// A job that has begun is finished; only the pause between two is cut short.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    console.log(`${signal}: finishing`);
    stopping.abort();
  });
}

console.log('waiting for orders');
while (!stopping.signal.aborted) {
  const order = await orders.next();
  if (order) await pack(order);
  else count();
  await sleep(1000, null, { signal: stopping.signal }).catch(() => {});
}
console.log('done');
