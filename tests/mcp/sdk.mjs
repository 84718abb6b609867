// SPDX-License-Identifier: MIT
//
// sdk.mjs - the official clients complete a session of every tool: `node sdk.mjs BRUMMER-MCP PROJECT URL PROXY`
//
// Over stdio, over Streamable HTTP at URL, and through PROXY, which makes the one of the other. Prints TAP. The clients
// check every answer against the schemas the server declared. Runs where the packages of package.json are installed;
// check.sh sees to that, and to the project and its supervisor.

import assert from 'node:assert/strict';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as Stdio1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { Client as Client2, StreamableHTTPClientTransport as Http2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as Stdio2 } from '@modelcontextprotocol/client/stdio';

const [program, project, url, proxy] = process.argv.slice(2);
const info = { name: 'brummer-check', version: '1' };
const command = { command: program, args: ['-C', project], env: process.env };
const bridge = {
  command: process.execPath,
  args: [proxy, url, '--allow-http', '--transport', 'http-only', '--silent'],
  env: process.env,
  stderr: 'ignore',
};
const modern = '2026-07-28';
const legacy = '2025-11-25';
const auto = { versionNegotiation: { mode: 'auto' } };
const pinned = { versionNegotiation: { mode: { pin: modern } } };
const http = () => new URL(url);

const clients = [
  { name: 'sdk 1', version: legacy, client: new Client1(info), transport: new Stdio1(command) },
  { name: 'client 2', version: legacy, client: new Client2(info), transport: new Stdio2(command) },
  { name: 'client 2 auto', version: modern, client: new Client2(info, auto), transport: new Stdio2(command) },
  { name: 'client 2 pinned', version: modern, client: new Client2(info, pinned), transport: new Stdio2(command) },
  { name: 'sdk 1 http', version: legacy, client: new Client1(info), transport: new Http1(http()) },
  { name: 'client 2 http', version: legacy, client: new Client2(info), transport: new Http2(http()) },
  { name: 'client 2 auto http', version: modern, client: new Client2(info, auto), transport: new Http2(http()) },
  { name: 'client 2 pinned http', version: modern, client: new Client2(info, pinned), transport: new Http2(http()) },
  { name: 'sdk 1 through mcp-remote', version: legacy, client: new Client1(info), transport: new Stdio1(bridge) },
];

let number = 0;
let failed = 0;

async function test(name, run) {
  number++;
  try {
    await run();
    console.log(`ok ${number} - ${name}`);
  } catch (error) {
    failed++;
    console.log(`not ok ${number} - ${name}`);
    for (const line of String(error.stack ?? error).split('\n')) console.log(`# ${line}`);
  }
}

// What a tool gives as objects; fails when it is an error.
async function call(it, name, args = {}) {
  const result = await it.client.callTool({ name, arguments: args });
  assert.ok(!result.isError, `${name}: ${JSON.stringify(result.content)}`);
  assert.equal(result.content[0].type, 'text');
  return result.structuredContent;
}

async function fails(it, name, args, pattern) {
  const result = await it.client.callTool({ name, arguments: args });
  assert.equal(result.isError, true);
  assert.match(result.content[0].text, pattern);
}

// The next notification of a change of that resource.
function updated(it, uri) {
  const schema = it.client instanceof Client1 ? ResourceUpdatedNotificationSchema : 'notifications/resources/updated';
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no news of ${uri}`)), 10000);
    it.client.setNotificationHandler(schema, (notification) => {
      if (notification.params.uri !== uri) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

const session = {
  'agrees on a version': async (it) => {
    await it.client.connect(it.transport);
    const version = it.client.getNegotiatedProtocolVersion?.() ?? it.transport._protocolVersion;
    if (version !== undefined) assert.equal(version, it.version);
    if (it.version !== modern) await it.client.ping();
  },
  'lists twelve tools': async (it) => {
    const { tools } = await it.client.listTools();
    assert.equal(tools.length, 12);
    for (const tool of tools) assert.equal(typeof tool.annotations.readOnlyHint, 'boolean');
  },
  'lists scripts': async (it) => {
    const { scripts } = await call(it, 'scripts_list');
    assert.ok(scripts.some((script) => script.name === 'web'));
  },
  'runs a script until it is ready': async (it) => {
    const { process, wait, duplicate } = await call(it, 'scripts_run', {
      name: 'web',
      wait: { until: 'log', pattern: 'listening' },
    });
    assert.equal(duplicate, false);
    assert.equal(wait.matched, true);
    assert.equal(process.status, 'running');
  },
  'runs nothing twice': async (it) => {
    const both = await Promise.all([call(it, 'scripts_run', { name: 'web' }), call(it, 'scripts_run', { name: 'web' })]);
    for (const one of both) assert.equal(one.duplicate, true);
  },
  'starts one when two ask at once': async (it) => {
    const args = { name: 'twin', command: 'sleep 30' };
    const both = await Promise.all([call(it, 'scripts_run', args), call(it, 'scripts_run', args)]);
    assert.equal(both.filter((one) => one.duplicate).length, 1);
    assert.equal(both[0].process.pid, both[1].process.pid);
    await call(it, 'scripts_stop', { name: 'twin' });
  },
  'shows the status': async (it) => {
    const { processes, supervisor } = await call(it, 'scripts_status');
    assert.ok(processes.some((process) => process.name === 'web' && process.status === 'running'));
    assert.equal(supervisor.state, 'live');
  },
  'runs what fails and shows its last lines': async (it) => {
    const { process, wait, lines } = await call(it, 'scripts_run', { name: 'fail', wait: { until: 'exit' } });
    assert.equal(wait.matched, true);
    assert.equal(process.status, 'failed');
    assert.equal(process.exitCode, 3);
    assert.ok(lines.some((line) => line.text.includes('Error: it broke')));
  },
  'reads output from a cursor on': async (it) => {
    const { lines, next_cursor: cursor } = await call(it, 'logs_stream', { name: 'web' });
    assert.ok(lines.some((line) => line.text.startsWith('listening')));
    const later = await call(it, 'logs_stream', { name: 'web', cursor, wait_ms: 10000 });
    assert.ok(later.lines.length > 0 && later.lines[0].text.startsWith('tick'));
  },
  'searches output': async (it) => {
    const { matches, total } = await call(it, 'logs_search', { query: '^listening', regex: true, context: 1 });
    assert.ok(total >= 1 && matches[0].line.name === 'web');
  },
  'lists errors, URLs and events': async (it) => {
    assert.ok((await call(it, 'errors_list')).errors.some((error) => error.name === 'fail'));
    assert.ok(Array.isArray((await call(it, 'urls_list')).processes));
    assert.ok((await call(it, 'events_list')).events.some((event) => event.name === 'fail' && event.to === 'failed'));
  },
  'waits, and is not held up by waiting': async (it) => {
    const waiting = call(it, 'scripts_wait', { name: 'web', until: 'exit', timeout_ms: 600 });
    const before = performance.now();
    await call(it, 'scripts_status');
    assert.ok(performance.now() - before < 300);
    const { matched, timed_out: timedOut } = await waiting;
    assert.equal(matched, false);
    assert.equal(timedOut, true);
  },
  'is told of progress': async (it) => {
    let progress = 0;
    const options = { onprogress: () => progress++ };
    const request = { name: 'scripts_wait', arguments: { name: 'web', until: 'exit', timeout_ms: 1300 } };
    if (it.client instanceof Client1) await it.client.callTool(request, undefined, options);
    else await it.client.callTool(request, options);
    assert.equal(progress, 1);
  },
  'cancels a wait': async (it) => {
    const abort = new AbortController();
    const request = { name: 'scripts_wait', arguments: { name: 'web', until: 'exit', timeout_ms: 20000 } };
    const options = { signal: abort.signal };
    const waiting =
      it.client instanceof Client1
        ? it.client.callTool(request, undefined, options)
        : it.client.callTool(request, options);
    setTimeout(() => abort.abort(), 100);
    await assert.rejects(waiting);
    await call(it, 'scripts_status');
  },
  'says what to do when it cannot': async (it) => {
    await fails(it, 'scripts_run', { name: 'wbe' }, /web/);
    await fails(it, 'scripts_status', { name: 'nobody' }, /scripts_list/);
    await fails(it, 'scripts_status', { limit: 0 }, /between 1 and/);
    await fails(it, 'scripts_send', { name: 'web', text: 'x' }, /standard input/);
    await assert.rejects(it.client.callTool({ name: 'no_such_tool', arguments: {} }));
  },
  'restarts a process': async (it) => {
    const before = (await call(it, 'scripts_status', { name: 'web' })).processes[0].run;
    const { process } = await call(it, 'scripts_restart', { name: 'web', wait: { until: 'ready' } });
    assert.equal(process.run, before + 1);
  },
  'reads resources': async (it) => {
    const { resources } = await it.client.listResources();
    assert.ok(resources.some((resource) => resource.uri === 'brummer://logs/web'));
    const { resourceTemplates } = await it.client.listResourceTemplates();
    assert.equal(resourceTemplates[0].uriTemplate, 'brummer://logs/{name}');
    for (const { uri } of resources) {
      const { contents } = await it.client.readResource({ uri });
      assert.equal(contents[0].uri, uri);
      if (contents[0].mimeType === 'application/json') JSON.parse(contents[0].text);
    }
    await assert.rejects(it.client.readResource({ uri: 'brummer://nothing' }));
  },
  'is told when a resource changes': async (it) => {
    const uri = 'brummer://logs/web';
    const news = updated(it, uri);
    news.catch(() => {}); // what fails before it is awaited says so itself
    if (it.version === modern) {
      const subscription = await it.client.listen({ resourceSubscriptions: [uri] });
      await news;
      await subscription.close();
    } else {
      await it.client.subscribeResource({ uri });
      await news;
      await it.client.unsubscribeResource({ uri });
    }
  },
  'gets prompts and completions': async (it) => {
    const { prompts } = await it.client.listPrompts();
    assert.equal(prompts.length, 3);
    const { messages } = await it.client.getPrompt({ name: 'debug_error', arguments: { error_message: 'it broke' } });
    assert.ok(messages[0].content.text.includes('it broke'));
    const { completion } = await it.client.complete({
      ref: { type: 'ref/prompt', name: 'debug_error' },
      argument: { name: 'name', value: 'we' },
    });
    assert.deepEqual(completion.values, ['web']);
  },
  'stops a process': async (it) => {
    const { process, already } = await call(it, 'scripts_stop', { name: 'web' });
    assert.equal(process.status, 'stopped');
    assert.equal(already, false);
    assert.equal((await call(it, 'scripts_stop', { name: 'web' })).already, true);
  },
  'ends when the client closes': async (it) => {
    const { pid } = it.transport;
    const before = performance.now();
    await it.transport.terminateSession?.();
    await it.client.close();
    assert.ok(performance.now() - before < (pid === undefined ? 1500 : 3000));
    if (pid !== undefined) assert.throws(() => process.kill(pid, 0));
  },
};

const steps = Object.entries(session);
console.log(`1..${clients.length * steps.length}`);
for (const it of clients) for (const [name, run] of steps) await test(`${it.name}: ${name}`, () => run(it));
process.exit(failed ? 1 : 0);
