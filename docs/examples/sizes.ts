import { fits, misfitText, type Override } from 'nestcheck';

const onlySizes: Override = {
  name: 'only-sizes-are-compared',
  kind: 'design',
  summary: 'a plug compares output and StreamID sizes alone: what else a pSMMU lacks, the guest will not use',
  source: 'an idea to be argued about',
  rules: {
    vmm: {
      plugObjections: (registers, { registers: host }) =>
        host === null
          ? ['no SMMUv3']
          : fits(registers, host)
              .filter(({ rule }) => ['OAS', 'SIDSIZE'].includes(rule.field))
              .map(misfitText),
    },
  },
};

export default onlySizes;
