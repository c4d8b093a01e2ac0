import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hostedDocument, wholeDocument } from '../../checker/pages/explorer.ts';
import { gallerySchema } from '../../checker/pages/gallery-schema.ts';
import { found, indexOf } from '../../page/gallery/search.ts';
import { addressText } from '../../page/link/address.ts';
import { DECISIONS } from '../../spec/decisions/index.ts';
import { committedGallery } from '../../tools/gallery.ts';
import { VMMS } from '../../tools/vmm-pages.ts';
import { VMID } from './lab.ts';

const gallery = await committedGallery();
const index = indexOf(gallery);

describe('the gallery', () => {
  it('has every decision and every VMM, and is what the page reads', () => {
    expect(gallery.decisions.map(({ id }) => id)).toEqual(DECISIONS.map(({ id }) => id));
    expect(gallery.vmms.map(({ design }) => design)).toEqual(VMMS.map(({ design }) => design));
    expect(gallerySchema.parse(JSON.parse(JSON.stringify(gallery)))).toEqual(gallery);
  });

  it('leads to traces that are there', () => {
    const names = new Set(gallery.traces.map(({ name }) => name));
    const led = [
      ...gallery.decisions.flatMap(({ evidence }) => evidence.map(({ trace }) => trace)),
      ...gallery.vmms.flatMap(({ findings }) => findings.map(({ trace }) => trace)),
    ].filter((name) => name !== null);
    expect(led.length).toBeGreaterThan(50);
    expect(led.filter((name) => !names.has(name))).toEqual([]);
  });

  it('gives every entry an address of its own', () => {
    const addresses = index.entries.map(({ entry }) => addressText(entry.address));
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it('is searched by all words, those in the title first', () => {
    expect(found(index, '')).toHaveLength(index.entries.length);
    const [first] = found(index, 'share VMID');
    expect(first === undefined ? '' : addressText(first.address)).toBe(`#/trace/${VMID}`);
    expect(found(index, 'hwptAlloc linux-7.2').length).toBeGreaterThan(0);
    expect(found(index, 'jason gunthorpe iommu id').some(({ group }) => group === 'Decisions')).toBe(true);
    expect(found(index, 'quokka')).toEqual([]);
  });
});

describe('the document', () => {
  const contents = {
    gallery: JSON.stringify({ a: '</script><script>' }),
    given: { name: '<x>', text: '</script>' },
  };

  it('lets nothing that it holds end its element', () => {
    const html = hostedDocument(contents);
    expect(html.match(/<script/g)).toHaveLength(3);
    expect(html.match(/<\/script>/g)).toHaveLength(3);
  });

  it('knows by its policy the very script and style that are in it, and allows no address', () => {
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');
    const script = "const a = '</script>'; const b = '<!--';";
    const html = wholeDocument(contents, { script, style: 'a { color: red }' }, sha256);
    const [, policy = ''] = /Content-Security-Policy" content="([^"]+)"/.exec(html) ?? [];
    const [, inline = ''] = /<script>([\s\S]*?)<\/script>/.exec(html) ?? [];
    expect(policy).toContain(`'sha256-${sha256(inline)}'`);
    expect(policy).toContain(`'sha256-${sha256('a { color: red }')}'`);
    expect(policy).toMatch(/^default-src 'none';/);
    expect(policy).not.toMatch(/https?:|unsafe|\*|connect-src/);
  });
});
