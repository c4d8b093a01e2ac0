import { markdownText } from '../outside/markdown.ts';
import { printable } from '../outside/text.ts';
import { counterexamplePage } from '../pages/counterexample.ts';
import { code, counted, table } from '../pages/markdown.ts';
import type { PropertyReport } from '../report.ts';
import { drawingOf, isViolated, type Reported, underOf, whyUndecided } from './reported.ts';

/** Annotations of a GitHub Actions job: one line for each property that does not hold. */
export function githubAnnotations({ properties }: Reported): string {
  return properties.map(annotation).join('');
}

function annotation(report: PropertyReport): string {
  const { property, trace } = report;
  const title = `nestcheck: ${property.id}`;
  const why = whyUndecided(report);
  if (why !== null) return command('warning', title, `${property.sentence} No verdict: ${why}.`);
  if (trace === null) return '';
  const length = counted(trace.steps.length, 'command');
  return command('error', title, `${property.sentence} Violated after ${length}: ${trace.violation}.`);
}

/** `::error title=…::…`, with what would end a property or the line written as GitHub wants it. */
function command(kind: 'error' | 'warning', title: string, message: string): string {
  const value = data(title).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::${kind} title=${value}::${data(message)}\n`;
}

function data(text: string): string {
  return printable(text).replaceAll('%', '%25').replaceAll('\n', '%0A');
}

/** GitHub refuses a summary of more than 1 MiB; other steps write into it too. */
const MAX_SUMMARY = 512 * 1024;

/** What is said in a job's summary: a table of all properties, and a page for each violation. GitHub draws Mermaid. */
export function githubSummary(reported: Reported): string {
  const { properties, command: name, selection, repeat } = reported;
  const rows = properties.map(({ verdict, property }) => [
    verdict,
    markdownText(property.id),
    markdownText(property.sentence),
  ]);
  let room = MAX_SUMMARY;
  const pages = properties.filter(isViolated).flatMap((each) => {
    const page = counterexamplePage(each.trace, {
      ...drawingOf(reported, each),
      property: each.property,
      override: null,
      path: null,
    });
    room -= page.length;
    return room < 0 ? [] : [page.replaceAll(/^#/gm, '###')];
  });
  return `## nestcheck ${name}

Rules: ${markdownText(underOf(selection).join(', '))}. Again: ${code(repeat)}

${table([['verdict', 'property', 'what must hold'], ...rows])}

${pages.join('\n')}
`;
}
