import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { type CDPSession, chromium, type Page } from 'playwright-core';
import { builtExplorer, servedFiles } from '../cli/view/files.ts';
import { ROOT } from '../tools/committed.ts';
import { committedGallery } from '../tools/gallery.ts';

/*
 * npm run bench:explorer: what the explorer costs a browser: bytes, a cold load, and each step of every committed trace.
 * Steps are told in time of the page's own thread, which other work of the machine does not lengthen: script, and style and
 * layout.
 */

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM}: expected Chromium`);

/** The lesser of this many walks counts for each step: noise only ever adds time. */
const WALKS = 2;

/** Steps that are told one by one. */
const LONGEST = 5;

const sizes = [...servedFiles(await builtExplorer(), null).values()].map(({ text }) => [
  gzipSync(text).length,
  brotliCompressSync(text).length,
]);
const sum = (at: number): number => sizes.reduce((total, size) => total + (size[at] ?? 0), 0);
process.stdout.write(`size: ${sum(0)} bytes with gzip, ${sum(1)} with brotli\n`);

const server = spawn(process.execPath, [join(ROOT, 'dist/bundle/cli.js'), 'view', '--no-open'], {
  stdio: ['ignore', 'pipe', 'ignore'],
});
const address = await new Promise<string>((resolve) => {
  server.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
});
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
try {
  await benchLoad('#/');
  await benchLoad('#/trace/vsmmus-share-vmid/vsmmus-have-own-tag');
  await benchSteps();
} finally {
  await browser.close();
  server.kill('SIGINT');
}

interface Spent {
  readonly script: number;
  readonly layout: number;
}

async function spent(client: CDPSession): Promise<Spent> {
  const { metrics } = await client.send('Performance.getMetrics');
  const of = (name: string): number => (metrics.find((each) => each.name === name)?.value ?? 0) * 1000;
  return { script: of('ScriptDuration'), layout: of('LayoutDuration') + of('RecalcStyleDuration') };
}

async function opened(hash: string): Promise<{ readonly page: Page; readonly client: CDPSession }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  await client.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(address + hash);
  await page.locator('main h1').waitFor();
  return { page, client };
}

/** A cold load, up to when there is something to click on. */
async function benchLoad(hash: string): Promise<void> {
  const { page, client } = await opened(hash);
  const clock = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  );
  const { script, layout } = await spent(client);
  process.stdout.write(
    `load ${hash}: ${Math.round(clock)} ms by the clock, ${Math.round(script + layout)} ms of the page's thread\n`,
  );
  await page.context().close();
}

async function benchSteps(): Promise<void> {
  const { traces } = await committedGallery();
  const { page, client } = await opened('#/');
  const steps: { readonly name: string; readonly at: number; readonly ms: number }[] = [];
  for (const { name, steps: last } of traces) {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#/trace/${name}`);
    await page.waitForTimeout(450);
    const best: number[] = [];
    for (let walk = 0; walk < WALKS; walk++) {
      await page.keyboard.press('Home');
      await settled(page);
      for (let at = 1; at <= last; at++) {
        const before = await spent(client);
        await page.keyboard.press('ArrowRight');
        await settled(page);
        const after = await spent(client);
        const ms = after.script - before.script + after.layout - before.layout;
        best[at] = Math.min(best[at] ?? Number.POSITIVE_INFINITY, ms);
      }
    }
    for (const [at, ms] of best.entries()) if (at > 0) steps.push({ name, at, ms });
  }
  steps.sort((a, b) => a.ms - b.ms);
  process.stdout.write(
    `steps: ${steps.length}; median ${steps[steps.length >> 1]?.ms.toFixed(1)} ms; the longest:\n`,
  );
  for (const { name, at, ms } of steps.slice(-LONGEST).reverse())
    process.stdout.write(`  ${ms.toFixed(1).padStart(5)} ms  step ${at} of ${name}\n`);
}

function settled(page: Page): Promise<void> {
  return page.evaluate(
    () => new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve))),
  );
}
