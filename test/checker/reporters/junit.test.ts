import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { junitXml } from '../../../checker/reporters/junit.ts';
import { element, printXml } from '../../../checker/reporters/xml.ts';
import { reported } from './reported.ts';

const counts = { tests: z.literal('4'), failures: z.literal('1'), errors: z.literal('2') };
const problem = z.object({ message: z.string().min(1), type: z.string(), '#text': z.string() });

/** What CI systems agree on. */
const schema = z.object({
  testsuites: z.object({
    ...counts,
    testsuite: z.object({
      ...counts,
      name: z.literal('nestcheck check'),
      time: z.literal('1.5'),
      testcase: z.array(
        z.object({
          name: z.string(),
          classname: z.literal('nestcheck.check'),
          failure: problem.optional(),
          error: problem.optional(),
        }),
      ),
    }),
  }),
});

describe('the JUnit reporter', () => {
  const xml = junitXml(reported);

  it('writes well-formed XML, whatever a property says', () => {
    expect(XMLValidator.validate(xml)).toBe(true);
    expect(xml).not.toMatch(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/);
  });

  it('has a test case for each property: a violation fails, no verdict is an error', () => {
    const parser = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: '',
      parseAttributeValue: false,
    });
    const { testcase } = schema.parse(parser.parse(xml)).testsuites.testsuite;
    expect(testcase.map(({ name }) => name)).toEqual(reported.properties.map(({ property }) => property.id));
    expect(testcase.map(({ failure }) => failure !== undefined)).toEqual([false, true, false, false]);
    expect(testcase.map(({ error }) => error?.type)).toEqual([
      undefined,
      undefined,
      'vacuous',
      'inconclusive',
    ]);
    expect(testcase[1]?.failure?.['#text']).toMatch(/ioasAlloc\(fd=/);
  });
});

describe('XML', () => {
  it('escapes what would be markup, and shows what no document may have by its number', () => {
    expect(printXml(element('a', { b: '"<&>"' }, ['\u0000<\ud800>&\r']))).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<a b="&quot;&lt;&amp;&gt;&quot;">\\u{0}&lt;\\u{d800}&gt;&amp;\\u{d}</a>\n',
    );
  });
});
