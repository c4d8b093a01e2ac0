import { deflateSync, strToU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../model/call.ts';
import { type Address, addressText, readAddress } from '../../page/link/address.ts';
import { pack, unpack } from '../../page/link/packed.ts';
import { groundOf } from '../../page/session/choice.ts';
import { beginWith, goToDepth, pathOf, placeOf, take } from '../../page/session/session.ts';
import { addressOf, ownRun, shownAt } from '../../page/session/shown.ts';
import { committedGallery } from '../../tools/gallery.ts';
import { calls, VMID } from './lab.ts';

const { traces } = await committedGallery();

const ADDRESSES: readonly (readonly [string, Address])[] = [
  ['#/', { kind: 'gallery', search: '' }],
  ['#/?search=a+b%26', { kind: 'gallery', search: 'a b&' }],
  ['#/decision/D-4', { kind: 'decision', id: 'D-4' }],
  ['#/vmm/qemu-11', { kind: 'vmm', design: 'qemu-11' }],
  ['#/new', { kind: 'new' }],
  ['#/trace/a/b?at=3', { kind: 'trace', folder: 'a', property: 'b', at: 3, beside: null }],
  [
    '#/run/Abc-_?at=0&beside=vsmmu%3Dinherit',
    { kind: 'run', packed: 'Abc-_', at: 0, beside: 'vsmmu=inherit' },
  ],
];

describe('an address', () => {
  it.each(ADDRESSES)('%s is written as it is read', (text, address) => {
    expect(readAddress(text)).toEqual(address);
    expect(addressText(address)).toBe(text);
  });

  it.each(['#/no', '#/trace/a', '#/run', '#/decision/a/b', '#x/y'])('%s is none', (text) => {
    expect(() => readAddress(text)).toThrow(/^the link: expected #\//);
  });

  it('of a trace stays that of the trace while it is walked, and is the whole run once it is left', () => {
    const shown = shownAt({ ...trace(VMID), at: 6, beside: null }, traces);
    expect(placeOf(shown.session).depth).toBe(6);
    expect(addressText(addressOf(shown))).toBe(`#/trace/${VMID}?at=6`);
    const destroy: Call = { actor: 'vmm:vm0', command: 'destroy', args: { fd: 'iommufd0', id: 'hwpt0' } };
    const left = { ...shown, session: take(shown.session, destroy) };
    const address = addressOf(left);
    if (address.kind !== 'run') throw new Error('it is a run of its own');
    const again = shownAt(address, traces);
    expect(pathOf(again.session)).toHaveLength(8);
    expect(placeOf(again.session).step?.done.result).toMatchObject({ ok: false, errno: 'EBUSY' });
    expect(addressOf({ ...again, session: goToDepth(again.session, 2) })).toEqual({ ...address, at: 2 });
  });

  it.each([
    ['settings', { set: ['smmu0.IDR1.SSIDSIZE=0'] }],
    ['parts', { vms: [], devices: [{ group: 0, streamIds: [5] }] }],
  ])('carries a platform that was changed by %s', (_, platform) => {
    const choice = { scope: 'one-smmu', designs: [], defects: [], platform };
    const made = ownRun(beginWith(groundOf(choice), calls('vmm:vm0 openIommufd as iommufd0')));
    const address = addressOf(made);
    if (address.kind !== 'run') throw new Error('it is a run of its own');
    const again = shownAt(address, []);
    expect(again.session.ground.scope.changes).toEqual(platform);
    expect(again.session.ground.scope.platform).toEqual(made.session.ground.scope.platform);
  });

  it('of a trace that is not there says so', () => {
    expect(() => shownAt({ ...trace('no/such'), at: null, beside: null }, traces)).toThrow(
      'the link: there is no trace no/such here',
    );
  });
});

function trace(name: string): { readonly kind: 'trace'; readonly folder: string; readonly property: string } {
  const [folder = '', property = ''] = name.split('/');
  return { kind: 'trace', folder, property };
}

describe('a packed text', () => {
  it('is letters, digits, - and _, and the same again', () => {
    const text = 'scope one-smmu, kernel=linux-7.2\nvmm:vm0 openIommufd() as iommufd0 # ü\n'.repeat(20);
    const packed = pack(text);
    expect(packed).toMatch(/^[\w-]+$/);
    expect(packed.length).toBeLessThan(text.length / 5);
    expect(unpack(packed)).toBe(text);
  });

  it('that is cut, changed or none is refused in a sentence', () => {
    const packed = pack('scope one-smmu\nvmm:vm0 openIommufd() as iommufd0\n');
    for (const wrong of [packed.slice(0, -9), `x${packed}`, 'AAAA'])
      expect(() => unpack(wrong)).toThrow(/^the link: it is cut, or was changed on its way$/);
    expect(() => unpack('a b')).toThrow(/^the link: expected letters/);
    expect(() => unpack('a'.repeat(40_000))).toThrow(/^the link: expected at most 32768 characters$/);
  });

  it('that unpacks to very much is given up on the way', () => {
    const bomb = Buffer.from(deflateSync(strToU8('a'.repeat(16 * 1024 * 1024)), { level: 9 }));
    const packed = bomb.toString('base64url');
    expect(packed.length).toBeLessThan(32 * 1024);
    expect(() => unpack(packed)).toThrow(/^the link: expected a run of at most 262144 bytes$/);
  });
});
