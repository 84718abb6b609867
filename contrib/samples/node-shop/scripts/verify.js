// Does every file of the manifest hold what its hash says?
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const target = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(await readFile(new URL('manifest.json', target), 'utf8'));

for (const [name, { file, sha256 }] of Object.entries(manifest)) {
  const found = createHash('sha256').update(await readFile(new URL(file, target))).digest('hex');
  if (found !== sha256) throw new Error(`${name}: dist/${file} is not what the manifest says`);
}
console.log(`verified ${Object.keys(manifest).length} files`);
