import { bootWorld } from '../../../../model/boot.ts';
import { type Bindings, bindResult, NO_BINDINGS, resolveCall } from '../../../../model/call.ts';
import { intended, type Rules } from '../../../../model/rules.ts';
import { drive, probedDriver } from '../../../../model/smmu/driver/driver.ts';
import { smmuDriverIntended } from '../../../../model/smmu/driver/rules.ts';
import type { DriverState, HardwareAction } from '../../../../model/smmu/driver/state.ts';
import { step } from '../../../../model/step.ts';
import type { World } from '../../../../model/world/world.ts';
import { decode, nameOfValue } from '../../../../spec/bits.ts';
import { cd } from '../../../../spec/smmuv3/cd.ts';
import { decodeCommand } from '../../../../spec/smmuv3/command.ts';
import { ste } from '../../../../spec/smmuv3/ste.ts';
import { oneSmmu } from '../../../../workload/scopes/one-smmu.ts';
import { callOf, type Line } from '../../../support/script.ts';

export interface DrivenScript {
  readonly world: World;
  readonly state: DriverState;
  /** What the driver did during the last call. */
  readonly actions: readonly HardwareAction[];
}

/** Plays a script on the platform with two devices, the driver following it. */
export function driveScript(script: readonly Line[], rules: Rules = intended): DrivenScript {
  let world = bootWorld(oneSmmu.platform);
  let state = probedDriver(oneSmmu.platform);
  let actions: readonly HardwareAction[] = [];
  let bindings: Bindings = NO_BINDINGS;
  for (const line of script) {
    const call = callOf(line);
    const { world: after, result, effects } = step(world, resolveCall(call, bindings), rules);
    if (!result.ok) throw new Error(`${line[0]}: ${result.errno}`);
    ({ state, actions } = drive(state, world, after, effects, smmuDriverIntended));
    bindings = bindResult(call, result, bindings);
    world = after;
  }
  return { world, state, actions };
}

/** Actions in one line each; SYNCs are left out. */
export function inWords(actions: readonly HardwareAction[]): readonly string[] {
  return actions.flatMap((action) => actionInWords(action)).filter((text) => text !== 'SYNC');
}

function actionInWords(action: HardwareAction): readonly string[] {
  switch (action.kind) {
    case 'writeSte': {
      const { V, Config } = decode(ste, action.words);
      return [`STE ${action.streamId}: ${V === 0 ? 'V=0' : nameOfValue(ste.fields.Config, Config)}`];
    }
    case 'writeCd':
      return [`CD of device ${action.device}: ${decode(cd, action.words).V === 0 ? 'V=0' : 'valid'}`];
    case 'issue':
      return action.commands.map(commandInWords);
  }
}

function commandInWords(words: readonly bigint[]): string {
  const command = decodeCommand(words);
  if (command === undefined) return 'illegal';
  const fields: Readonly<Record<string, number | bigint>> = command.fields;
  const shown = ['StreamID', 'VMID', 'ASID', 'Address', 'NUM', 'SCALE'].flatMap((name) =>
    name in fields
      ? [`${name}=${name === 'Address' ? `0x${fields[name]?.toString(16)}` : fields[name]}`]
      : [],
  );
  return [command.name, ...shown].join(' ');
}
