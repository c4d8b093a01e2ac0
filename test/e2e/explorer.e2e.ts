import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/committed.ts';
import { committedGallery } from '../../tools/gallery.ts';
import { runBuilt } from '../cli/built.ts';
import { file } from '../cli/file.ts';
import { launch, openPage, type Served, serveBuilt } from './browser.ts';

const VMID = 'vsmmus-share-vmid/vsmmus-have-own-tag';
const TRACE = `counterexamples/${VMID}.json`;

let browser: Browser;
let served: Served;

beforeAll(async () => {
  [browser, served] = await Promise.all([launch(), serveBuilt()]);
});

afterAll(async () => {
  await browser?.close();
  expect(await served?.stop()).toBe(0);
});

/** Drops a file on the page, as a reader would. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([fileName, content]) => {
      const made = new DataTransfer();
      made.items.add(new File([content as string], fileName as string));
      return made;
    },
    [name, text],
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}

const where = (page: Page) => page.locator('.where');

describe('the explorer', () => {
  it('walks the VMID trace to its violation, is left at step 6, undone, shared, and opened again', async () => {
    const { page, faults } = await openPage(browser, served.address, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('searchbox').fill('share VMID');
    await page.getByRole('link', { name: 'vsmmus-share-vmid breaks vsmmus-have-own-tag' }).click();
    expect(await page.locator('.ground').textContent()).toContain('Replays exactly, shortest.');

    await page.keyboard.press('Home');
    await expect.poll(() => where(page).textContent()).toBe('Start of 7 steps');
    for (let step = 1; step <= 7; step++) {
      expect(await page.locator('.now .violation').count()).toBe(0);
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => where(page).textContent()).toBe(`Step ${step} of 7`);
    }
    expect(await page.locator('.now .violation').textContent()).toBe(
      'violates vsmmus-have-own-tag: vIOMMUs 4 and 5 both use VMID 1 of pSMMU 0',
    );
    expect(await page.locator('.light.violated').textContent()).toContain('vsmmus-have-own-tag');
    expect(await page.locator('.box.new').textContent()).toContain('vIOMMU');

    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => where(page).textContent()).toBe('Step 6 of 7');
    const written = page.getByLabel('Or write any call');
    await written.fill('vmm:vm0 destroy fd=iommufd0 id=hwpt0');
    await page.getByRole('button', { name: 'Take it' }).click();
    await expect.poll(() => page.locator('.now .call').textContent()).toContain('→ EBUSY');
    await expect.poll(() => where(page).textContent()).toBe('Step 7 of 7');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => where(page).textContent()).toBe('Step 6 of 7');
    await expect.poll(() => page.url()).toMatch(/#\/trace\/.*\?at=6$/);

    // The command that destroys the vIOMMU, from the menu, with the answer that it says.
    const menu = page.locator('.menu', { hasText: 'vmm:vm0' });
    await menu.locator('summary', { hasText: 'destroy' }).first().click();
    const form = menu.getByRole('button', { name: /^destroy\(fd=iommufd0, id=4\)/ });
    expect(await form.textContent()).toContain('→ ok');
    await form.click();
    await expect.poll(() => page.locator('.now .call').textContent()).toContain('→ ok');
    expect(await page.locator('.box.gone').textContent()).toContain('vIOMMU');

    await page.getByRole('button', { name: 'Copy link' }).click();
    await expect.poll(() => page.locator('.notice').textContent()).toBe('Copied: the link.');
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).toMatch(/#\/run\/[\w-]+$/);
    const again = await openPage(browser, link);
    expect(await where(again.page).textContent()).toBe('Step 7 of 7');
    expect(await again.page.locator('.now .call').textContent()).toContain('destroy(fd=iommufd0, id=4) → ok');
    expect(await again.page.locator('.now .violation').count()).toBe(0);

    await page.getByRole('button', { name: 'Copy steps' }).click();
    await expect.poll(() => page.locator('.notice').textContent()).toContain('for nestcheck run');
    const steps = await file('copied.steps', await page.evaluate(() => navigator.clipboard.readText()));
    const { code, stdout } = await runBuilt(['run', steps]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^7 +vmm:vm0 +destroy\(fd=iommufd0, id=4\) -> ok$/m);
    expect([...faults, ...again.faults]).toEqual([]);
  });

  it('shows two vSMMU designs side by side, with the first answer that differs', async () => {
    const { page, faults } = await openPage(
      browser,
      `${served.address}#/trace/registers-inherited/boots-without-a-device`,
    );
    await page.getByRole('combobox', { name: 'Another design' }).selectOption('vsmmu=specified');
    await expect
      .poll(() => page.locator('.compare p.first').textContent())
      .toBe('The first answer that differs is that of step 1: ENODEV here, ok there.');
    await expect.poll(() => page.url()).toContain('beside=vsmmu%3Dspecified');
    await page.getByRole('button', { name: /^Go on under/ }).click();
    await expect.poll(() => page.locator('.now .call').textContent()).toContain('→ ok');
    await page.goBack();
    await expect.poll(() => page.locator('.now .call').textContent()).toContain('→ ENODEV');
    expect(faults).toEqual([]);
  });

  it('refuses a broken file with the very line of the command line', async () => {
    const { page, faults } = await openPage(browser, served.address);
    const whole = await readFile(join(ROOT, TRACE), 'utf8');
    const broken = whole.replace('"openCdev"', '"openCdv"');
    await drop(page, 'broken.json', broken);
    const path = await file('broken.json', broken);
    const { code, stderr } = await runBuilt(['replay', path]);
    expect(code).toBe(2);
    const said = stderr.trim().replace(path, 'broken.json');
    const shown = (await page.getByRole('alert').textContent()) ?? '';
    // How much of the list of commands is shown depends on the length of the path.
    expect(shown.slice(0, 200)).toBe(said.slice(0, 200));
    expect(shown).toMatch(/^nestcheck: broken\.json:\d+: steps\[0\]\.command: unknown command 'openCdv'/);

    await drop(page, 'good.json', whole);
    await expect.poll(() => where(page).textContent()).toBe('Step 7 of 7');
    expect(await page.getByRole('alert').textContent()).toBe('');
    expect(faults).toEqual([]);
  });

  it('begins a run of its own on any scope', async () => {
    const { page, faults } = await openPage(browser, `${served.address}#/new`);
    await page.getByLabel('Scope').selectOption('one-vsmmu');
    await page.getByLabel(/^vsmmu:/).selectOption('inherit');
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('button', { name: /^boot\(vm=vm0\) → ENODEV/ }).click();
    await expect
      .poll(() => page.locator('.now .violation').textContent())
      .toContain('boots-without-a-device');
    expect(faults).toEqual([]);
  });

  it('opens every committed trace, and shows the verdict of replay', async () => {
    const { traces } = await committedGallery();
    const { page, faults } = await openPage(browser, served.address);
    for (const { name, steps, violation, property } of traces) {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, `#/trace/${name}`);
      const last = steps === 1 ? 'Step 1 of 1' : `Step ${steps} of ${steps}`;
      await page.locator('.about .kicker code', { hasText: name.split('/')[0] ?? '' }).waitFor();
      await expect
        .poll(() => page.locator('.ground').textContent(), { message: name })
        .toContain('Replays exactly');
      expect(await where(page).textContent()).toBe(last);
      const said = await page.locator('.now .violation').allTextContents();
      expect(said.map((text) => text.replace(/^(?:violates|costs) /, ''))).toContain(
        `${property}: ${violation}`,
      );
    }
    expect(faults).toEqual([]);
  });
});

describe('its pages', () => {
  const PAGES = [
    '#/',
    '#/new',
    '#/decision/D-1',
    '#/vmm/qemu-11',
    `#/trace/${VMID}`,
    '#/trace/registers-least-common/id-registers-never-change?beside=vsmmu%3Dinherit',
  ];

  it.each(PAGES)('%s fits 400 pixels, and names whatever can be used', async (hash) => {
    const { page, faults } = await openPage(browser, served.address + hash, {
      viewport: { width: 400, height: 800 },
    });
    await page.locator('.next .menu, main h1').first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll('button, a, input, select, textarea, summary')]
        .filter((each) => {
          const labels =
            each instanceof HTMLInputElement ||
            each instanceof HTMLSelectElement ||
            each instanceof HTMLTextAreaElement
              ? [...(each.labels ?? [])]
              : [];
          const name =
            each.getAttribute('aria-label') ??
            `${each.textContent}${labels.map((label) => label.textContent).join('')}`;
          return name.trim() === '';
        })
        .map((each) => each.outerHTML),
    );
    expect(nameless).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('follow the colours that the reader has chosen', async () => {
    const colours = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await openPage(browser, served.address, { colorScheme });
      colours.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    }
    expect(colours).toEqual(['rgb(255, 255, 255)', 'rgb(21, 24, 29)']);
  });

  it('may ask no address for anything, their own included', async () => {
    const { page } = await openPage(browser, served.address);
    const asked = await page.evaluate(async (address) => {
      const ask = (url: string): Promise<string> =>
        fetch(url).then(
          () => 'answered',
          () => 'refused',
        );
      return [await ask(address), await ask('https://example.org/')];
    }, served.address);
    expect(asked).toEqual(['refused', 'refused']);
  });
});

describe('one file with everything in it', () => {
  it('opens from a disk at the trace that it was made for, steps, and saves its drawing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nestcheck-'));
    try {
      const path = join(folder, 'vmid.html');
      const { code } = await runBuilt(['view', '--html', path, TRACE]);
      expect(code).toBe(0);
      const { page, faults } = await openPage(browser, pathToFileURL(path).href);
      expect(await where(page).textContent()).toBe('Step 7 of 7');
      await page.keyboard.press('ArrowLeft');
      await expect.poll(() => where(page).textContent()).toBe('Step 6 of 7');
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save SVG' }).click(),
      ]);
      const svg = await readFile(await download.path(), 'utf8');
      expect(svg).toMatch(/^<svg .*viommuAlloc/s);
      expect(faults).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
