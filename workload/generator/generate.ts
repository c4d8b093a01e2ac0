import type { Bindings, Call } from '../../model/call.ts';
import type { World } from '../../model/world/world.ts';
import { resetsDevices, sharesBuses } from '../../properties/platforms.ts';
import type { Scope } from '../scopes/scope.ts';
import { accessWork } from './accesses.ts';
import { type Draw, oneIn, pick } from './choice.ts';
import { deviceFileWork } from './device-files.ts';
import { generateEmulatedCall } from './emulated/generate.ts';
import { generateVtdCall } from './emulated-vtd/generate.ts';
import { guestWork } from './guest-work.ts';
import { generateLegacyCall } from './legacy/generate.ts';
import { blindCall, FALLIBLE, mistaken } from './mistakes.ts';
import { mockWork } from './mock/index.ts';
import type { Move, UapiCall } from './move.ts';
import { COMMAND_NAMES, MOVES } from './moves.ts';
import { generateMsiCall, hasVectors } from './msi/generate.ts';
import { msiWork } from './msi/process.ts';
import { generateNotifierCall } from './notifiers.ts';
import { pageRequestWork } from './page-requests.ts';
import { generatePasidCall } from './pasid/generate.ts';
import { probeWork } from './probing.ts';
import { resetWork } from './reset.ts';
import { named } from './result-name.ts';
import { type View, viewOf } from './view.ts';
import { generateVmCall } from './vmm/generate.ts';
import { vtdWork } from './vtd.ts';

/** Of a hundred calls, how many are deliberately wrong. */
const WRONG_PERCENT = 22;

/**
 * The next call of a trace, made for the world that the trace has come to: mostly one that makes sense there, else
 * one with an argument or two wrong. `bindings` are the trace's so far; `draw` alone decides, so equal draws in equal
 * worlds give equal calls. What the call makes gets a name that the trace has not used (see `Name`).
 */
export function generateCall(scope: Scope, world: World, bindings: Bindings, draw: Draw): Call {
  if (world.pasids !== null) return generatePasidCall(world, draw);
  if (world.legacy !== null) return generateLegacyCall(world, world.legacy, draw);
  if (world.emulated !== null) return generateEmulatedCall(world.emulated, draw);
  if (world.emulatedVtd !== null) return generateVtdCall(world.emulatedVtd, draw);
  if (world.repeated !== null) return generateNotifierCall(world, draw);
  if (hasVectors(world)) return generateMsiCall(world, draw);
  if (world.vms.length > 0) return generateVmCall(world, draw);
  const view = viewOf(scope, world, bindings, draw);
  const work = workOn(view, draw);
  if (work !== null) return named(view, work);
  return named(view, draw(100) < WRONG_PERCENT ? wrongCall(view, draw) : sensibleCall(view, draw));
}

/** What a run is for on platforms that are about something particular; null: nothing now. */
function workOn(view: View, draw: Draw): Call | null {
  const { machine, mock, pageRequests, pins, platform, vtd } = view.world;
  if (mock !== null) return mockWork(view, draw);
  if (pins !== null) return accessWork(view, draw);
  if (platform.probes === true) return probeWork(view, draw);
  if (pageRequests !== null) return pageRequestWork(view, draw);
  if (vtd !== null) return vtdWork(view, draw);
  if (machine !== null) return guestWork(view, draw);
  if (sharesBuses(platform)) return deviceFileWork(view, draw);
  if (resetsDevices(platform)) return resetWork(view, draw);
  return platform.its.length > 1 ? msiWork(view, draw) : null;
}

function wrongCall(view: View, draw: Draw): UapiCall {
  // Half of the mistakes are spread over the commands, the others go where the run is.
  if (oneIn(2, draw)) return mistaken(view, sensibleCall(view, draw), draw);
  const command = pick(FALLIBLE, draw);
  const move = MOVES[command];
  const blind = move.weight(view) === 0 || oneIn(3, draw);
  return blind ? blindCall(view, command, draw) : mistaken(view, move.make(view, draw), draw);
}

/** The moves in a fixed order, and room for what each is worth. */
const TABLE: readonly Move[] = COMMAND_NAMES.map((name) => MOVES[name]);
const weights = TABLE.map(() => 0);

function sensibleCall(view: View, draw: Draw): UapiCall {
  let sum = 0;
  for (let at = 0; at < TABLE.length; at++) {
    const weight = (TABLE[at] as Move).weight(view);
    weights[at] = weight;
    sum += weight;
  }
  let left = draw(sum);
  let at = 0;
  while (left >= (weights[at] as number)) left -= weights[at++] as number;
  return (TABLE[at] as Move).make(view, draw);
}
