/*
 * The explorer's one HTML document: beside its script and style as files, for a web server; or with all in it, to attach to
 * a mail. Either may run its own script, and ask nobody for anything: no address is allowed but its own files.
 */

/** A trace or a run that a document was made for. */
export interface Given {
  /** As a message calls it. */
  readonly name: string;
  readonly text: string;
}

/** What a document has in it beside script and style. */
export interface Contents {
  /** JSON of the gallery. */
  readonly gallery: string;
  /** What is opened first; null: the gallery. */
  readonly given: Given | null;
}

export const SCRIPT_FILE = 'explorer.js';
export const STYLE_FILE = 'explorer.css';
export const GALLERY_FILE = 'gallery.json';

/** What a document may do. `connect-src` and all that is not named: nothing. */
function policyOf(script: string, style: string): string {
  return `default-src 'none'; script-src ${script}; style-src ${style}; img-src data:; base-uri 'none'; form-action 'none'`;
}

/** What a server says of it, where it can say something. */
export const HOSTED_POLICY = policyOf("'self'", "'self'");

/** The document that has script and style beside it. */
export function hostedDocument(contents: Contents): string {
  const head = `<link rel="stylesheet" href="${STYLE_FILE}">\n<script src="${SCRIPT_FILE}" defer></script>`;
  return documentOf(HOSTED_POLICY, head, contents, '');
}

/** The document that has all in it. `sha256`: the digest of a text in base64, by which the policy knows script and style. */
export function wholeDocument(
  contents: Contents,
  { script, style }: { readonly script: string; readonly style: string },
  sha256: (text: string) => string,
): string {
  // What would end the element is written otherwise; in a script both mean the same.
  const safe = script.replaceAll(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--');
  const policy = policyOf(`'sha256-${sha256(safe)}'`, `'sha256-${sha256(style)}'`);
  return documentOf(policy, `<style>${style}</style>`, contents, `<script>${safe}</script>\n`);
}

function documentOf(policy: string, head: string, { gallery, given }: Contents, behind: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>nestcheck explorer</title>
<link rel="icon" href="data:,">
${head}
</head>
<body>
<div id="explorer"><noscript>The explorer runs the model in this page, and needs JavaScript for it.</noscript></div>
<script type="application/json" id="gallery">${inScript(gallery)}</script>
<script type="application/json" id="given">${inScript(JSON.stringify(given))}</script>
${behind}</body>
</html>
`;
}

/** JSON that nothing in can end the element in which it stands. */
function inScript(json: string): string {
  return json.replaceAll('<', '\\u003c');
}
