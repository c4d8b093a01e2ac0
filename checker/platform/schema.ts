import { z } from 'zod';
import type { PlatformChanges } from '../../workload/scopes/platform-changes.ts';
import { listOf } from '../outside/lists.ts';
import { isPrintableLine } from '../outside/text.ts';

/*
 * Changes of a platform as files and traces have them. What the numbers bound is what a run has to copy and a reader to
 * overlook: no real question needs a tenth of it.
 */

const PRINTABLE = 'expected one line of printable characters';

/** Settings on top of a platform. */
export const MAX_SETTINGS = 64;

export const settingText = z.string().min(1).max(160).refine(isPrintableLine, PRINTABLE);

const hex = z.string().regex(/^0x[0-9a-fA-F]{1,16}$/, 'expected a 64-bit value such as 0x40000000');
/** Also that of hardware: traces of what can be assigned behind it call its platform so. */
const platformName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9.-]{0,40}$/,
    'expected a short name of lower-case letters, digits, dots and dashes',
  );
const shortName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'expected a short name of lower-case letters, digits and dashes');

const iommu = z.strictObject({
  name: shortName,
  kind: z.enum(['smmuv3', 'vtd', 'plain']).exactOptional(),
});

const device = z.strictObject({
  iommu: z.int().min(0).max(7).exactOptional(),
  group: z.int().min(0).max(1023),
  streamIds: listOf(z.int().min(0).max(0xffff_ffff), 4),
  canwbs: z.boolean().exactOptional(),
  ats: z.boolean().exactOptional(),
  pasidBits: z.int().min(1).max(20).exactOptional(),
  host: z.int().min(0).max(3).exactOptional(),
  its: z.int().min(0).max(3).exactOptional(),
  msiVectors: z.int().min(0).max(32).exactOptional(),
  pageRequests: z.int().min(1).max(1024).exactOptional(),
  resets: z.boolean().exactOptional(),
});

const its = z.strictObject({
  doorbell: hex,
  doorbellPages: z.int().min(1).max(256).exactOptional(),
  untranslated: z.boolean().exactOptional(),
  unisolated: z.boolean().exactOptional(),
});

const pages = z.strictObject({ start: hex, pages: z.int().min(1).max(1024) });

const vm = z.strictObject({
  name: shortName,
  vsmmus: listOf(listOf(settingText, 16), 4).exactOptional(),
  ram: listOf(pages, 4).exactOptional(),
  vits: pages.nullable().exactOptional(),
});

const memory = z.strictObject({ start: hex, last: hex, writable: z.boolean().exactOptional() });

const parts = {
  name: platformName.exactOptional(),
  iommus: listOf(iommu, 8).exactOptional(),
  devices: listOf(device, 16).exactOptional(),
  its: listOf(its, 4).exactOptional(),
  vms: listOf(vm, 4).exactOptional(),
  userMemory: listOf(memory, 4).exactOptional(),
  set: listOf(settingText, MAX_SETTINGS).exactOptional(),
};

/** Changes as a trace carries them. */
export const changesSchema = z.strictObject(parts) satisfies z.ZodType<PlatformChanges>;

/** A platform file: the changes, the name of the scope that they are made to, and a sentence for readers. */
export const platformFileSchema = z.strictObject({
  ...parts,
  name: platformName,
  scope: z.string().max(64).exactOptional(),
  summary: z.string().max(400).refine(isPrintableLine, PRINTABLE).exactOptional(),
});
