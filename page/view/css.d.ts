/** The text of a style sheet (moduleTypes in tools/page.ts). */
declare module '*.css' {
  const text: string;
  export default text;
}
