import { bool, inUnit, oneOf, or, type TextArgument, text, u32, vm } from '../../spec/command/argument.ts';
import { type ArgsOfAll, command } from '../../spec/command/declaration.ts';
import { MAX_PASID_BITS, MECHANISMS, UNNUMBERED, VIOMMUS } from './machine.ts';
import { INVALIDATIONS } from './rules.ts';

const unit: TextArgument = { ...text, unit: 'function or slice' };
const iova = inUnit('pages', u32);

/** What happens to functions and slices with PASIDs. Where it is not said otherwise, numbers are the guest's. */
export const PASID_COMMANDS = {
  assign: command(['operator'], 'The operator gives a unit to a machine.', {
    unit,
    vm,
    viommu: oneOf(VIOMMUS),
    mechanism: oneOf(MECHANISMS),
    paravirtual: bool,
  }),
  unassign: command(['operator'], 'The operator takes a unit back.', { unit }),
  writeContext: command(['guest'], 'The acting guest stores the context entry (STE) of a unit.', {
    unit,
    translates: bool,
    unnumbered: oneOf(UNNUMBERED),
    pasidBits: or(MAX_PASID_BITS, u32),
  }),
  writePasidEntry: command(
    ['guest'],
    'The guest stores a PASID table entry (CD); PASID 0 is for requests without.',
    { unit, pasid: u32, present: bool, passThrough: bool, table: u32 },
  ),
  writeMapping: command(['guest'], 'The guest stores a descriptor in one of its stage-1 tables.', {
    table: u32,
    iova,
    valid: bool,
    page: inUnit('pages', u32),
  }),
  invalidate: command(['guest'], 'The guest invalidates, and the vIOMMU has completed that.', {
    unit,
    reach: oneOf(INVALIDATIONS),
    pasid: u32,
    iova,
  }),
  allocPasid: command(['guest'], 'The guest asks its vIOMMU for a PASID (virtual command register).', {
    unit,
  }),
  freePasid: command(['guest'], 'The guest gives a PASID back.', { unit, pasid: u32 }),
  request: command(
    ['device'],
    "The acting unit accesses a page, with or without PASID; the device gives a slice's own requests, those without, its PASID.",
    { iova, pasid: u32 },
  ),
};

export type PasidArgs = ArgsOfAll<typeof PASID_COMMANDS>;

export type PasidCommandName = keyof PasidArgs;
