import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/committed.ts';
import { startBuilt } from './built.ts';
import { file } from './file.ts';
import { nestcheck } from './terminal.ts';

const TRACE = 'counterexamples/vsmmus-share-vmid/vsmmus-have-own-tag.json';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** Asks a server, under a name that may be another's. */
function ask(
  address: string,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, address), { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    asked.on('error', reject).end();
  });
}

describe('nestcheck view', () => {
  it('serves the explorer to this machine, and to nobody who calls it otherwise, until it is ended', async () => {
    const child = startBuilt(['view', '--no-open', TRACE]);
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    const address = await new Promise<string>((resolve, reject) => {
      child.stdout?.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
      child.once('close', (code) => reject(new Error(`it ended with ${code} and served nothing`)));
    });
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const page = await ask(address, '/');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/,
    );
    expect(page.text).toContain('"name":"vsmmus-have-own-tag.json"');
    expect((await ask(address, '/explorer.js')).headers['content-type']).toBe(
      'text/javascript; charset=utf-8',
    );
    expect((await ask(address, '/package.json')).status).toBe(404);
    expect((await ask(address, '/', { host: 'example.org' })).status).toBe(421);
    expect((await ask(address, '/', {}, 'POST')).status).toBe(405);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });

  it('writes one file with everything in it', async () => {
    const path = await file('out.html', '');
    expect((await nestcheck(['view', '--html', path, join(ROOT, TRACE)])).code).toBe(0);
    const html = await readFile(path, 'utf8');
    expect(html).toMatch(
      /Content-Security-Policy" content="default-src 'none'; script-src 'sha256-[\w+/=]+'/,
    );
    expect(html).toContain('"name":"vsmmus-have-own-tag.json"');
    expect(html).not.toMatch(/<(?:script|link)[^>]+(?:src|href)="(?!data:)/);
  });

  it.each([
    ['nothing', 'x.steps', '\n', /x\.steps: expected one scope: /],
    ['a broken trace', 'x.json', '{ "format": 1 }', /x\.json:1: format: /],
    [
      'a broken step',
      'x.steps',
      'scope one-smmu\nvmm:vm0 openIommu',
      /x\.steps:2: unknown command 'openIommu'/,
    ],
    ['a module', 'x.steps', 'scope one-smmu, ./mine.ts=a', /x\.steps: /],
  ])('exits 2 for %s, in the words of replay and run', async (_, name, text, message) => {
    const path = await file(name, text);
    const { code, stderr } = await nestcheck(['view', '--html', `${path}.html`, path]);
    expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 2, lines: 1 });
    expect(stderr).toMatch(message);
  });

  it.each(['70000', '-1', 'x'])('exits 2 for the port %s', async (port) => {
    const { code, stderr } = await nestcheck(['view', '--no-open', '--port', port]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^nestcheck: .*(?:--port|argument)/);
  });

  it('has examples in its help', async () => {
    const { stdout } = await nestcheck(['view', '--help']);
    expect(stdout).toMatch(/^ {2}\$ nestcheck view --html vmid\.html counterexamples/m);
  });
});
