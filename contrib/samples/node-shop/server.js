// The shop's web server. PORT says where; 3000 when it does not, and a free port when that one is taken.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { findProduct, formatPrice, products, total } from './lib/catalogue.js';
import { openQueue } from './lib/orders.js';

const dist = new URL('dist/', import.meta.url);
const orders = openQueue(fileURLToPath(new URL('orders', import.meta.url)));
const types = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' };

const json = (status, value) => ({ status, type: 'application/json', body: `${JSON.stringify(value)}\n` });
const notFound = () => json(404, { error: 'not found' });

// What `build` made, or nothing: without it the page has no style and the buttons do nothing.
async function readManifest() {
  return readFile(new URL('manifest.json', dist), 'utf8').then(JSON.parse, () => ({}));
}

async function page() {
  const assets = await readManifest();
  const rows = products.map(
    ({ id, name, price }) =>
      `<li><span>${name}</span><span>${formatPrice(price)}</span><button value="${id}">Buy</button></li>`,
  );
  const body = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The shop</title>
${assets['shop.css'] ? `<link rel="stylesheet" href="/assets/${assets['shop.css'].file}">` : ''}
</head><body><h1>The shop</h1><ul>${rows.join('\n')}</ul><p id="status">${assets['shop.js'] ? '' : 'Run build first.'}</p>
${assets['shop.js'] ? `<script type="module" src="/assets/${assets['shop.js'].file}"></script>` : ''}
</body></html>\n`;
  return { status: 200, type: 'text/html; charset=utf-8', body };
}

// Only files that the manifest names are served.
async function asset(file) {
  const known = Object.values(await readManifest()).some((entry) => entry.file === file);
  return known ? { status: 200, type: types[file.split('.').pop()], body: await readFile(new URL(file, dist)) } : notFound();
}

async function readBody(request) {
  let text = '';
  for await (const part of request) {
    text += part;
    if (text.length > 10_000) throw new Error('the order is too long');
  }
  return JSON.parse(text);
}

async function order(request) {
  try {
    const { lines } = await readBody(request);
    const sum = formatPrice(total(lines));
    return json(201, { id: await orders.put({ lines, sum }), total: sum });
  } catch (error) {
    return json(400, { error: error.message });
  }
}

const routes = [
  ['GET', /^\/$/, page],
  ['GET', /^\/health$/, () => json(200, { status: 'ok', uptime: Math.round(process.uptime()) })],
  ['GET', /^\/api\/products$/, () => json(200, products)],
  ['GET', /^\/api\/products\/(\w+)$/, (_, id) => (findProduct(id) ? json(200, findProduct(id)) : notFound())],
  ['POST', /^\/api\/orders$/, order],
  ['GET', /^\/assets\/([\w.]+)$/, (_, file) => asset(file)],
];

async function answer(request) {
  const { pathname } = new URL(request.url, 'http://shop');
  for (const [method, pattern, handler] of routes) {
    const match = request.method === method && pattern.exec(pathname);
    if (match) return handler(request, ...match.slice(1));
  }
  return notFound();
}

const server = createServer(async (request, response) => {
  const started = performance.now();
  const { status, type, body } = await answer(request).catch((error) => {
    console.error(error);
    return json(500, { error: 'something broke' });
  });
  response.writeHead(status, { 'content-type': type }).end(body);
  console.log(`${request.method} ${request.url} ${status} ${(performance.now() - started).toFixed(1)} ms`);
});

server.on('listening', () => console.log(`The shop is open: http://127.0.0.1:${server.address().port}/`));
server.on('error', (error) => {
  if (error.code !== 'EADDRINUSE') throw error;
  console.warn(`warning: port ${error.port} is taken, looking for a free one`);
  server.listen(0, '127.0.0.1');
});

// Answer what has been asked, then end: the loop is empty once the last connection is closed.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    console.log(`${signal}: closing the shop`);
    server.close(() => console.log('closed'));
    server.closeIdleConnections();
  });
}

server.listen(Number(process.env.PORT) || 3000, '127.0.0.1');
