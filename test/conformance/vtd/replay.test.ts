import { describe, expect, it } from 'vitest';
import { conformFile } from '../../../conformance/index.ts';
import { resolveDesign } from '../../../overrides/index.ts';

const FOLDER = '../../../conformance/recordings/qemu-intel-iommu-11.1.3/';

function pathOf(name: string): string {
  return new URL(`${FOLDER}${name}.json.gz`, import.meta.url).pathname;
}

function designOf(selector: string) {
  const design = resolveDesign([selector]);
  if ('error' in design) throw new Error(design.error);
  return design.overrides;
}

/** Accesses, those that the specification's rules answer as recorded, and the departures that explain the others. */
const FILES = {
  'directed-legacy-39': [
    1451,
    1417,
    {
      'vtd-all-ones-not-fetched': 10,
      'vtd-interrupt-range-by-page': 4,
      'vtd-reserved-context-unqualified': 2,
      'vtd-root-address-cut': 6,
      'vtd-table-mode-half-decoded': 12,
    },
  ],
  'directed-scalable-first': [
    3720,
    1855,
    {
      'vtd-all-ones-not-fetched': 12,
      'vtd-canonical-by-aw': 6,
      'vtd-context-features-unchecked': 8,
      'vtd-directory-reserved-ignored': 52,
      'vtd-dirty-flag-lost': 756,
      'vtd-fpd-not-for-pasid-table': 6,
      'vtd-interrupt-range-by-page': 4,
      'vtd-legacy-reasons': 590,
      'vtd-pasid-entry-reserved-ignored': 718,
      'vtd-pass-through-width-unchecked': 24,
      'vtd-permissions-at-each-level': 2,
      'vtd-presence-last': 32,
      'vtd-privilege-ignored': 2,
      'vtd-reserved-context-unqualified': 4,
      'vtd-root-address-cut': 4,
      'vtd-table-mode-half-decoded': 16,
      'vtd-whole-root-checked': 54,
    },
  ],
  'vectors-legacy-39': [
    767,
    760,
    {
      'vtd-all-ones-not-fetched': 1,
      'vtd-pass-through-unbounded': 2,
      'vtd-permissions-at-each-level': 4,
    },
  ],
  'vectors-legacy-48': [
    1523,
    1491,
    {
      'vtd-all-ones-not-fetched': 1,
      'vtd-interrupt-range-by-page': 1,
      'vtd-pass-through-unbounded': 4,
      'vtd-permissions-at-each-level': 7,
      'vtd-table-mode-half-decoded': 19,
    },
  ],
  'vectors-scalable-first': [
    4127,
    2802,
    {
      'vtd-all-ones-not-fetched': 13,
      'vtd-canonical-by-aw': 6,
      'vtd-context-features-unchecked': 382,
      'vtd-directory-reserved-ignored': 36,
      'vtd-dirty-flag-lost': 177,
      'vtd-fpd-not-for-pasid-table': 38,
      'vtd-legacy-reasons': 440,
      'vtd-pasid-entry-reserved-ignored': 163,
      'vtd-pass-through-unbounded': 60,
      'vtd-permissions-at-each-level': 31,
      'vtd-presence-last': 63,
      'vtd-privilege-ignored': 80,
      'vtd-snoop-bit-by-unit': 10,
      'vtd-table-mode-half-decoded': 40,
      'vtd-whole-root-checked': 26,
    },
  ],
  'vectors-scalable-second': [
    4141,
    2261,
    {
      'vtd-all-ones-not-fetched': 15,
      'vtd-context-features-unchecked': 237,
      'vtd-directory-reserved-ignored': 33,
      'vtd-fpd-not-for-pasid-table': 23,
      'vtd-interrupt-range-by-page': 1,
      'vtd-interrupt-reason-by-unit': 1,
      'vtd-legacy-reasons': 1470,
      'vtd-pasid-entry-reserved-ignored': 151,
      'vtd-pass-through-unbounded': 16,
      'vtd-pass-through-width-unchecked': 2,
      'vtd-permissions-at-each-level': 25,
      'vtd-presence-last': 68,
      'vtd-reserved-context-unqualified': 10,
      'vtd-snoop-bit-by-unit': 6,
      'vtd-table-mode-half-decoded': 56,
      'vtd-whole-root-checked': 26,
    },
  ],
  'sequences-legacy-39': [573, 563, { 'vtd-hit-refused-silently': 10 }],
  'sequences-scalable-first': [
    2072,
    1751,
    {
      'vtd-cached-context-skips-presence': 3,
      'vtd-context-features-unchecked': 132,
      'vtd-dirty-flag-lost': 14,
      'vtd-hit-refused-silently': 11,
      'vtd-hits-by-device': 2,
      'vtd-legacy-reasons': 29,
      'vtd-pass-through-sticky': 8,
      'vtd-pass-through-unbounded': 52,
      'vtd-permissions-at-each-level': 75,
      'vtd-presence-last': 6,
      'vtd-privilege-ignored': 43,
    },
  ],
} as const;

describe.each(Object.entries(FILES))('%s', (name, [events, byTheBook, departures]) => {
  it("agrees in every access with the rules of QEMU 11, its unit's caches and all", async () => {
    const path = pathOf(name);
    expect(await conformFile(path, designOf('vtd=qemu-11'))).toEqual({
      file: path,
      events,
      checked: events,
      agreed: events,
      skipped: {},
      deviations: {},
      first: null,
      disagreements: { total: 0, moreKinds: 0, kinds: [] },
      machine: 'vtd',
    });
  });

  it('parts from the specification only in ways that have a name', { timeout: 120_000 }, async () => {
    expect(await conformFile(pathOf(name), designOf('vtd=architecture'))).toMatchObject({
      events,
      checked: events,
      agreed: byTheBook,
      deviations: departures,
      first: null,
    });
  });
});
