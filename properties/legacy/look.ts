import type { Container, LegacyDomain } from '../../model/legacy/machine.ts';
import type { LegacyPlatform } from '../../model/platform/legacy.ts';
import type { World } from '../../model/world/world.ts';

export { hex } from '../look.ts';

interface Found {
  readonly platform: LegacyPlatform;
  readonly container: Container;
  readonly domain: LegacyDomain;
}

/** Every domain of every container. */
export function domainsIn({ platform: { legacy: platform }, legacy }: World): readonly Found[] {
  if (platform === undefined || legacy === null) return [];
  return legacy.containers.flatMap((container) =>
    container === null ? [] : container.domains.map((domain) => ({ platform, container, domain })),
  );
}
