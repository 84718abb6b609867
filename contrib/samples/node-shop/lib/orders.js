// The queue between the web server and the worker: a folder with one file an order.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export function openQueue(folder) {
  let last = 0;

  return {
    // Written aside and renamed: the worker never sees half an order.
    async put(order) {
      await mkdir(folder, { recursive: true });
      last = Math.max(last + 1, Date.now());
      const file = join(folder, `${last}.json`);
      await writeFile(`${file}.part`, JSON.stringify(order));
      await rename(`${file}.part`, file);
      return String(last);
    },

    // The oldest order, or null; it stays in the queue until done() is called.
    async next() {
      const files = await readdir(folder).catch(() => []);
      const [file] = files.filter((name) => name.endsWith('.json')).sort();
      if (!file) return null;
      return { id: file.replace('.json', ''), ...JSON.parse(await readFile(join(folder, file), 'utf8')) };
    },

    async done(id) {
      await rm(join(folder, `${id}.json`), { force: true });
    },
  };
}
