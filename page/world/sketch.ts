import { ObjectNames } from '../../checker/render/names.ts';
import type { World } from '../../model/world/world.ts';
import { Pencil } from './pencil.ts';
import type { Sketch } from './picture.ts';
import { sketchContexts } from './sketch-contexts.ts';
import { sketchHardware } from './sketch-hardware.ts';
import { sketchLegacy } from './sketch-legacy.ts';
import { sketchPasids } from './sketch-pasids.ts';
import { sketchVms } from './sketch-vms.ts';

/** A world as it is drawn; objects of iommufd by their names in the run. */
export function sketchOf(world: World, names: ObjectNames = new ObjectNames()): Sketch {
  const pencil = new Pencil();
  const idle = sketchHardware(pencil, world);
  sketchContexts(pencil, world, names);
  sketchVms(pencil, world);
  sketchLegacy(pencil, world);
  sketchPasids(pencil, world);
  return pencil.sketch(idle);
}
