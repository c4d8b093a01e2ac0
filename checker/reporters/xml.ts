import { printable } from '../outside/text.ts';

/** An XML element: its name, attributes, and what is in it. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly (Element | string)[];
}

export function element(
  name: string,
  attributes: Element['attributes'],
  children: Element['children'] = [],
): Element {
  return { name, attributes, children };
}

/** An XML 1.0 document. */
export function printXml(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${print(root, '')}\n`;
}

function print({ name, attributes, children }: Element, indent: string): string {
  const head = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escaped(value)}"`)];
  const [first] = children;
  if (first === undefined) return `${indent}<${head.join(' ')}/>`;
  const inside = children.map((child) =>
    typeof child === 'string' ? escaped(child) : `\n${print(child, `${indent}  `)}`,
  );
  const close = typeof children.at(-1) === 'string' ? '' : `\n${indent}`;
  return `${indent}<${head.join(' ')}>${inside.join('')}${close}</${name}>`;
}

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Text as it may stand between tags and in attributes. What no XML 1.0 document may have is not printable either. */
function escaped(text: string | number): string {
  return printable(String(text)).replaceAll(/[&<>"]/g, (char) => REFERENCES[char] ?? char);
}
