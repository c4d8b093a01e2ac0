import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { startBuilt } from '../cli/built.ts';

/** Where Debian has it, unless somebody says otherwise. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** A browser that asks its maker for nothing. */
export function launch(): Promise<Browser> {
  if (!existsSync(CHROMIUM))
    throw new Error(
      `${CHROMIUM}: expected Chromium; apt-get install chromium, or say where it is in CHROMIUM`,
    );
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** The built explorer, served by `nestcheck view`. */
export interface Served {
  readonly address: string;
  stop(): Promise<number | null>;
}

export async function serveBuilt(...argv: readonly string[]): Promise<Served> {
  const child = startBuilt(['view', '--no-open', ...argv]);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    child.on('close', (code) => reject(new Error(`nestcheck view ended with ${code}`)));
  });
  return {
    address,
    stop: () => {
      child.kill('SIGINT');
      return ended;
    },
  };
}

/** A page, and what went wrong in it: requests to anywhere else, errors, refusals of its policy. */
export interface Opened {
  readonly page: Page;
  readonly faults: readonly string[];
}

export async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  const own = new URL(address).origin;
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== own && !['data:', 'blob:'].includes(url.protocol)) faults.push(`asks for ${url}`);
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  await page.goto(address);
  await page.locator('main h1').waitFor();
  return { page, faults };
}
