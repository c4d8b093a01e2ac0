import { expect, it } from 'vitest';
import { memoryOf } from '../../../../conformance/vectors/observe.ts';
import { readVectorFile } from '../../../../conformance/vectors/read.ts';
import { dataAccess } from '../../../../model/smmu/architecture/access.ts';
import { implementationOf } from '../../../../model/smmu/architecture/implementation.ts';
import { translateThroughSte } from '../../../../model/smmu/architecture/translate.ts';
import { issueCommands } from '../../../../model/smmu/qemu/command.ts';
import { enabledSmmu, installSte } from '../../../../model/smmu/qemu/smmu.ts';
import { translateCached } from '../../../../model/smmu/qemu/translate.ts';
import { smmuQemu11 } from '../../../../overrides/deviations/smmu-qemu-11.ts';
import { encodeCommand } from '../../../../spec/smmuv3/command.ts';

const EVERYTHING = [encodeCommand('CFGI_STE_RANGE', { Range: 31 }), encodeCommand('TLBI_NSNH_ALL')];

it.each(['vectors-a', 'vectors-concatenated', 'vectors-high-addresses', 'vectors-start-levels'])(
  'with everything invalidated, the machine does what a walk without caches does (%s)',
  async (name) => {
    const { pathname } = new URL(
      `../../../../conformance/recordings/qemu-11.1.3/${name}.json.gz`,
      import.meta.url,
    );
    const file = await readVectorFile(pathname);
    const implementation = implementationOf(file.registers);
    let smmu = enabledSmmu(file.registers);
    for (const config of file.configs) {
      const read = memoryOf(file, config);
      smmu = installSte(smmu, file.streamId, config.ste);
      for (const { iova, write } of config.accesses) {
        const access = dataAccess(file.streamId, iova, write ? 'write' : 'read');
        const invalidated = issueCommands(smmu, EVERYTHING).smmu;
        const cold = translateCached(invalidated, access, read, smmuQemu11);
        const walked = translateThroughSte(config.ste, access, implementation, read, smmuQemu11);
        expect(cold.outcome).toEqual(walked);
        // Served from the caches, a translation has the same address.
        const warm = translateCached(cold.smmu, access, read, smmuQemu11);
        expect(warm.outcome).toEqual(walked);
        smmu = warm.smmu;
      }
    }
  },
);
