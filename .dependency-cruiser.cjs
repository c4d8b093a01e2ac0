// The house: dependencies point downwards only. The first layer is the lowest.
const layers = [
  'spec',
  'model',
  'overrides',
  'properties',
  'workload',
  'checker',
  'conformance',
  'lab',
  'live',
  'cli',
];

/**
 * The folders of model/, lowest first. What a lower machine has to learn of a higher one is handed in by the composition,
 * which is the files of model/ itself; the parts of the world, the rules and the effects that a machine has, it declares.
 */
const machines = [
  'platform',
  'world',
  'caches',
  'host',
  'iommufd',
  'accesses',
  'page-requests',
  'smmu/architecture',
  'smmu/driver',
  'smmu/machine',
  'smmu/permitted',
  'smmu/qemu',
  'smmu/emulated',
  'notifiers',
  'vtd/architecture',
  'vtd/driver',
  'vtd/machine',
  'vtd/qemu',
  'legacy',
  'msi',
  'vfio',
  'mock',
  'pasid',
  'vmm',
];

/** A layer may not reach into one above it; the page stands on the checker, beside what only Node runs. */
const upward = layers.slice(0, -1).map((layer, index) => ({
  name: `${layer}-points-up`,
  severity: 'error',
  from: { path: `^${layer}/` },
  to: { path: `^(${layers.slice(index + 1).join('|')}|page|bench|test|tools)/` },
}));

/** Nor may a machine, nor into what composes them. */
const upwardInModel = machines.map((machine, index) => ({
  name: `model-${machine.replace('/', '-')}-points-up`,
  severity: 'error',
  from: { path: `^model/${machine}/` },
  to: { path: ['^model/[^/]+\\.ts$', ...machines.slice(index + 1).map((above) => `^model/${above}/`)] },
}));

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphan-specifier', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'browser-layers-stay-pure',
      comment:
        'spec, model, overrides, properties and workload run unchanged in a browser; no I/O, no randomness, no clock',
      severity: 'error',
      from: { path: '^(spec|model|overrides|properties|workload)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'page-runs-in-a-browser',
      comment: 'nothing that the page is made of needs Node: neither its own files nor what they lead to',
      severity: 'error',
      from: { path: '^page/' },
      to: {
        reachable: true,
        path: '^(node:|(fs|os|path|vm|worker_threads|url|crypto|http|module|stream|zlib|child_process|perf_hooks)$)',
      },
    },
    {
      name: 'page-stands-on-the-checker',
      severity: 'error',
      from: { path: '^page/' },
      to: { path: '^(conformance|lab|live|cli|bench|test|tools)/' },
    },
    {
      name: 'page-thinks-without-a-document',
      comment: 'what a view shows is decided, and tested, without one',
      severity: 'error',
      from: { path: '^page/', pathNot: '^page/view/' },
      to: { path: '^page/view/' },
    },
    {
      name: 'model-knows-no-checker-library',
      severity: 'error',
      from: { path: '^(spec|model|overrides|properties)/' },
      to: {
        path: 'node_modules/(fast-check|zod|commander|ora|jiti|picocolors|preact|@preact|@dagrejs|fflate)',
      },
    },
    ...upward,
    ...upwardInModel,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules|docs|test|vitest\\.(e2e\\.)?config)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.json'] },
  },
};
