import { recordTrace } from '../../../checker/record.ts';
import type { Reported } from '../../../checker/reporters/reported.ts';
import type { Property } from '../../../properties/property.ts';
import { alloc, asIntended, atMostTwoIoases, noFlags, open, tiny } from '../fakes.ts';

const trace = recordTrace(tiny, asIntended, [open('f'), alloc('f', 'a', { flags: 1 })], {
  property: noFlags,
  guarantee: '1-minimal',
});

/** Text that every format has a way of its own to spoil. */
export const NASTY = 'a <b> & "c": 100%, \u0000 one\r\nline\u2028]]> \ud800';

const nasty: Property = { ...atMostTwoIoases, id: 'nasty', sentence: NASTY };

/** A check with one property of each verdict. */
export const reported: Reported = {
  command: 'check',
  properties: [
    { property: atMostTwoIoases, verdict: 'holds', scope: 'tiny', trace: null },
    { property: noFlags, verdict: 'violated', scope: 'tiny', trace: { ...trace, violation: NASTY } },
    { property: nasty, verdict: 'vacuous', scope: null, trace: null },
    { property: { ...nasty, id: 'unfinished' }, verdict: 'inconclusive', scope: null, trace: null },
  ],
  selection: asIntended,
  scopes: [tiny],
  seconds: 1.5,
  repeat: "nestcheck check --property 'no-*'",
};
