import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { isAnswer } from '../../checker/select/answers.ts';
import { answerAt, DECISION_POINTS, typeOf } from '../../model/decision-points.ts';
import { composeRules, intended, RULE_NAMES } from '../../model/rules.ts';
import { ROOT } from '../../tools/committed.ts';

/** The calls `value<Type>(says, 'Type', …)` and `decision<Type>(…)` of a file: the type argument, and the text of it. */
function typedCalls(path: string): readonly (readonly [string, string])[] {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: (readonly [string, string])[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.typeArguments?.length === 1) {
      const [type] = node.typeArguments;
      const text = node.arguments[1];
      if (type !== undefined && text !== undefined && ts.isStringLiteral(text))
        found.push([onOneLine(type.getText()), text.text]);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function onOneLine(type: string): string {
  return type.replace(/\s+/g, ' ').replaceAll('( ', '(').replaceAll(', )', ')');
}

/** The files in which decision points are declared. */
function declaring(): readonly string[] {
  const names = readdirSync(join(ROOT, 'model'), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /\/rules\.ts$/.test(name)).map((name) => join(ROOT, 'model', name));
}

describe('the declaration of a decision point', () => {
  it('has a sentence that ends', () => {
    const without = DECISION_POINTS.filter(({ declared }) => !/^\S.*[.)]$/s.test(declared.says));
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  it('has an intended answer of its kind', () => {
    const otherwise = DECISION_POINTS.filter(({ declared }) => {
      if (declared.kind === 'flag') return typeof declared.intended !== 'boolean';
      if (declared.kind === 'choice') return !declared.values.includes(declared.intended);
      if (declared.kind === 'function') return typeof declared.intended !== 'function';
      return !isAnswer(declared.intended, declared.type, declared.intended);
    });
    expect(otherwise.map(({ path }) => path)).toEqual([]);
  });

  it('says its type as the compiler has it', () => {
    const calls = declaring().flatMap(typedCalls);
    expect(calls.map(([, text]) => text)).toEqual(calls.map(([type]) => type));
    const texts = new Set(calls.map(([, text]) => text));
    const typed = DECISION_POINTS.filter(({ declared }) => 'type' in declared);
    expect(typed.filter((point) => !texts.has(typeOf(point)))).toEqual([]);
    expect(calls.length).toBe(typed.length);
  });
});

describe('composed rules', () => {
  it('are two levels of frozen objects, the later override on top', () => {
    const rules = composeRules([
      { rules: { iommufd: { vsmmuOwnsVmid: false, virtIdIsUnique: false } } },
      { rules: { iommufd: { vsmmuOwnsVmid: true }, vtd: { replaceBreaksFirst: false } } },
    ]);
    const changed = DECISION_POINTS.filter(
      (point) => answerAt(rules, point) !== answerAt(intended, point),
    ).map(({ path }) => path);
    expect(changed).toEqual(['iommufd.virtIdIsUnique', 'vtd.replaceBreaksFirst']);
    expect([rules, ...RULE_NAMES.map((machine) => rules[machine])].every(Object.isFrozen)).toBe(true);
  });

  it('have the decision points in one order, whatever is overridden', () => {
    const rules = composeRules([{ rules: { vtd: { replaceBreaksFirst: false } } }]);
    expect(RULE_NAMES.map((machine) => Object.keys(rules[machine]))).toEqual(
      RULE_NAMES.map((machine) => Object.keys(intended[machine])),
    );
  });
});
