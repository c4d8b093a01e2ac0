import { describe, expect, it } from 'vitest';
import { Selftest } from './asserting.ts';
import * as not from './not-recorded.ts';

type Run<V> = (test: Selftest, variant: V) => void;

/** What a function asserts that the model has no answer to. */
type Skipped = Readonly<Record<string, number>>;

function variants<V extends string>(
  fixture: string,
  all: Readonly<Record<V, unknown>>,
  functions: Readonly<Record<string, Run<V>>>,
): readonly [string, (test: Selftest) => void][] {
  return Object.entries(functions).flatMap(([name, run]) =>
    (Object.keys(all) as V[]).map((variant): [string, (test: Selftest) => void] => [
      `${fixture}.${variant}.${name}`,
      (test) => run(test, variant),
    ]),
  );
}

const FUNCTIONS: readonly (readonly [string, (test: Selftest) => void])[] = [
  ['iommufd.cmd_fail', not.cmdFail],
  ['iommufd.global_options', not.globalOptions],
  ['iommufd.info_cmd', not.infoCmd],
  ['change_process.account_none.basic', (test) => not.changeProcess(test, 'none')],
  ['change_process.account_user.basic', (test) => not.changeProcess(test, 'user')],
  ['change_process.account_mm.basic', (test) => not.changeProcess(test, 'mm')],
  ...variants('iommufd_ioas', not.IOAS_VARIANTS, {
    access_rw_unaligned: not.accessRwUnaligned,
    area: not.area,
    copy_area: not.copyArea,
    copy_sweep: not.copySweep,
    fork_gone: not.forkGone,
    ioas_iova_alloc: not.ioasIovaAlloc,
  }),
  ...variants('iommufd_mock_domain', not.DOMAIN_VARIANTS, {
    basic: not.domainBasic,
    user_copy: not.userCopy,
  }),
  ...variants('iommufd_dirty_tracking', not.DIRTY_VARIANTS, {
    device_dirty_capability: not.deviceDirtyCapability,
    get_dirty_bitmap_no_clear: not.getDirtyBitmapNoClear,
    pasid_set_dirty_tracking: not.pasidSetDirtyTracking,
    set_dirty_tracking: not.setDirtyTracking,
  }),
  ...variants('vfio_compat_mock_domain', not.COMPAT_VARIANTS, {
    huge_map: not.hugeMap,
    option_huge_pages: not.optionHugePages,
  }),
];

const SKIPPED: Readonly<Record<string, Skipped>> = {
  'iommufd.cmd_fail': { 'a struct that is not there': 1 },
  'change_process.account_none.basic': { 'what /proc says of pinned and locked memory': 6 },
  'change_process.account_user.basic': { 'what /proc says of pinned and locked memory': 6 },
  'change_process.account_mm.basic': { 'what /proc says of pinned and locked memory': 8 },
  'iommufd_mock_domain.one_domain_file.basic': { 'a file that is made shorter': 1 },
  'iommufd_mock_domain.one_domain_file_hugepage.basic': { 'a file that is made shorter': 1 },
};

describe("functions of the kernel's own selftests that no recording has", () => {
  it.each(FUNCTIONS)('%s: every answer is the asserted one', (name, run) => {
    const test = new Selftest();
    run(test);
    expect(test.asserted).toBeGreaterThan(1);
    expect(Object.fromEntries(test.skipped)).toEqual(SKIPPED[name] ?? {});
  });

  it('an answer that is another is found', () => {
    const test = new Selftest();
    expect(() => test.refuses('EBUSY', 'destroy', { id: 0 })).toThrow('destroy: ENOENT, asserted: EBUSY');
    expect(() => test.ok('destroy', { id: 0 })).toThrow('destroy: ENOENT, asserted: success');
  });
});
