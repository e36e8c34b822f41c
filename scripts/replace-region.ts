/**
 * A document written by hand with another content of one region, which stands between `<!-- name: who writes it -->` and
 * `<!-- /name -->`; the ends of line around it stay. Throws an Error where `document`, whose text it is, has no such region.
 */
export function replaceRegion(document: string, text: string, name: string, content: string): string {
  const marked = new RegExp(`(<!-- ${name}:[^>]*-->\n+)[\\s\\S]*?(\n+<!-- /${name} -->)`);
  if (!marked.test(text)) throw new Error(`${document} has no <!-- ${name}: … --> … <!-- /${name} -->`);
  return text.replace(marked, (_, before: string, after: string) => before + content + after);
}
