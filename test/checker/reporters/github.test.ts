import { describe, expect, it } from 'vitest';
import { githubAnnotations, githubSummary } from '../../../checker/reporters/github.ts';
import { reported } from './reported.ts';

describe('the GitHub reporter', () => {
  it('has one line for each property without a good end: errors where violated, warnings without a verdict', () => {
    const lines = githubAnnotations(reported).trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ', 1)[0])).toEqual(['::error', '::warning', '::warning']);
    expect(lines[0]).toMatch(/^::error title=nestcheck%3A no-flags::.*100%25, .*one\\u\{d\}%0Aline/);
  });

  it('sums up every property, and draws each violation', () => {
    const summary = githubSummary(reported);
    for (const { property, verdict } of reported.properties)
      expect(summary).toContain(`| ${verdict} | ${property.id} |`);
    expect(summary.match(/```mermaid/g)).toHaveLength(1);
    expect(summary).not.toMatch(/^# /m);
  });
});
