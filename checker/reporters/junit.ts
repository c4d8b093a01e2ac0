import { renderText } from '../render/text.ts';
import type { PropertyReport } from '../report.ts';
import { drawingOf, isViolated, type Reported, underOf, whyUndecided } from './reported.ts';
import { type Element, element, printXml } from './xml.ts';

/**
 * JUnit XML, as CI systems read it: one test case for each property. A violated one is a failure with its trace; one
 * without a verdict is an error, since a build must not pass on it.
 */
export function junitXml(reported: Reported): string {
  const { command, properties, seconds, selection, scopes, repeat } = reported;
  const counts = {
    tests: properties.length,
    failures: properties.filter(isViolated).length,
    errors: properties.filter((each) => whyUndecided(each) !== null).length,
    skipped: 0,
    time: seconds,
  };
  const facts = {
    rules: underOf(selection).join(', '),
    scopes: scopes.map(({ name }) => name).join(', '),
    repeat,
  };
  const suite = element('testsuite', { name: `nestcheck ${command}`, ...counts }, [
    element(
      'properties',
      {},
      Object.entries(facts).map(([name, value]) => element('property', { name, value })),
    ),
    ...properties.map((each) => testCase(each, reported)),
  ]);
  return printXml(element('testsuites', { name: 'nestcheck', ...counts }, [suite]));
}

function testCase(report: PropertyReport, reported: Reported): Element {
  const { property, scope } = report;
  const attributes = { classname: `nestcheck.${reported.command}`, name: property.id, time: 0 };
  const why = whyUndecided(report);
  if (why !== null) {
    const message = `${property.id}: ${why}`;
    return element('testcase', attributes, [
      element('error', { type: report.verdict, message }, [property.sentence]),
    ]);
  }
  if (!isViolated(report)) return element('testcase', attributes);
  const type = `violated on ${scope}`;
  const text = renderText(report.trace, drawingOf(reported, report));
  return element('testcase', attributes, [
    element('failure', { type, message: `${property.id}: ${report.trace.violation}` }, [text]),
  ]);
}
