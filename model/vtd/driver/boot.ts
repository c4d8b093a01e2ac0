import type { Platform } from '../../platform/platform.ts';
import { directoryIndex } from './directory.ts';
import { RID_PASID } from './entries.ts';
import { ownEntry } from './own-domain.ts';
import { featuresAt, probedDevice } from './probe.ts';
import type { VtdTables } from './tables.ts';

/** The driver once it has probed: in scalable mode requests without PASID go to the kernel's own domains. */
export function bootedVtd(platform: Platform): VtdTables {
  const devices = platform.devices.map((_, device) => probedDevice(platform, device, 0));
  const holder: { tables: VtdTables } = { tables: { placed: [], domainIds: [], devices } };
  const probed = devices.map((tables, device) =>
    featuresAt(platform, device).scalable
      ? {
          ...tables,
          directory: [directoryIndex(RID_PASID)],
          entries: { [RID_PASID]: ownEntry(holder, platform, device) },
        }
      : tables,
  );
  return { ...holder.tables, devices: probed };
}
