import { UNIT_KINDS, wayName, waysFor } from '../checker/assignability/question.ts';
import { compareWithRule } from '../checker/assignability/rule.ts';
import { VIOMMUS } from '../model/pasid/machine.ts';

/*
 * npm run rule [-- COLUMN...]: holds the rule of admission against exploration for every description of hardware, in the
 * columns `none`, `translation` and `pasids` or those named; a line for each way. Fails where they differ.
 */
const named = process.argv.slice(2);
for (const viommu of VIOMMUS) {
  if (named.length > 0 && !named.includes(viommu)) continue;
  for (const unit of UNIT_KINDS) {
    for (const way of waysFor(viommu)) {
      const { descriptions, works, explorations, states, differences } = compareWithRule({
        unit,
        viommu,
        ...way,
      });
      const counts = `${explorations} explorations of ${states} states, works for ${works} of ${descriptions}`;
      process.stdout.write(`${unit}, ${viommu}, ${wayName(way)}: ${counts}, ${differences.length} differ\n`);
      for (const { hardware, refused, found } of differences.slice(0, 3))
        process.stdout.write(`  ${JSON.stringify(hardware)}\n  rule: ${refused}; exploration: ${found}\n`);
      if (differences.length > 0) process.exitCode = 1;
    }
  }
}
