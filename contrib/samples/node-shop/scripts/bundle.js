// src/ becomes dist/: style sheets and scripts joined, made smaller, named by their content, listed in a manifest.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { minifyCss, minifyJs } from '../lib/minify.js';

const source = new URL('../src/', import.meta.url);
const target = new URL('../dist/', import.meta.url);
const bundles = { 'shop.css': ['.css', minifyCss], 'shop.js': ['.js', minifyJs] };

const started = Date.now();
await mkdir(target, { recursive: true });
const manifest = {};

for (const [name, [extension, minify]] of Object.entries(bundles)) {
  const files = (await readdir(source)).filter((file) => file.endsWith(extension)).sort();
  const parts = await Promise.all(files.map((file) => readFile(new URL(file, source), 'utf8')));
  const text = parts.map(minify).join('\n');
  const sha256 = createHash('sha256').update(text).digest('hex');
  const file = name.replace(extension, `.${sha256.slice(0, 8)}${extension}`);

  await writeFile(new URL(file, target), text);
  manifest[name] = { file, bytes: Buffer.byteLength(text), sha256 };
  const before = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  console.log(`${files.join(' + ')} -> dist/${file}  ${before} -> ${manifest[name].bytes} bytes`);
}

// The manifest last and at once, so that a running server never finds a name without its file.
await writeFile(new URL('manifest.json.part', target), `${JSON.stringify(manifest, null, 2)}\n`);
await rename(new URL('manifest.json.part', target), new URL('manifest.json', target));

const current = new Set(['manifest.json', ...Object.values(manifest).map(({ file }) => file)]);
for (const file of await readdir(target)) {
  if (!current.has(file)) await rm(new URL(file, target));
}
console.log(`built in ${Date.now() - started} ms`);
