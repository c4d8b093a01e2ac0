/**
 * The style of drawings for a file that stands alone: in the light colours, and without variables, which not every viewer
 * of SVG knows. `css`: the text of `drawing.css`.
 */
export function styleForFile(css: string): string {
  const light = css.replaceAll(/light-dark\(\s*([^,()]+),[^()]+\)/g, '$1');
  const values = new Map(
    [...light.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [name, value.trim()]),
  );
  return light
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/:root\s*\{[^}]*\}/g, '')
    .replaceAll(/var\((--[\w-]+)\)/g, (whole, name: string) => values.get(name) ?? whole)
    .replaceAll(/\s+/g, ' ')
    .trim();
}
