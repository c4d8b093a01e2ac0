// The house: dependencies point downwards only. The first layer is the lowest.
const layers = ['spec', 'model', 'overrides', 'properties', 'checker', 'conformance', 'lab', 'live', 'cli'];

/** A layer may not reach into one above it. */
const upward = layers.slice(0, -1).map((layer, index) => ({
  name: `${layer}-points-up`,
  severity: 'error',
  from: { path: `^${layer}/` },
  to: { path: `^(${layers.slice(index + 1).join('|')}|bench|test)/` },
}));

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphan-specifier', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'browser-layers-stay-pure',
      comment:
        'spec, model, overrides and properties run unchanged in a browser; no I/O, no randomness, no clock',
      severity: 'error',
      from: { path: '^(spec|model|overrides)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'model-knows-no-checker-library',
      severity: 'error',
      from: { path: '^(spec|model|overrides)/' },
      to: { path: 'node_modules/(fast-check|zod|commander|ora|jiti|picocolors)' },
    },
    ...upward,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules|docs|test|vitest\\.config)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
