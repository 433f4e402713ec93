/**
 * A text as Markdown that shows it as it is: data sets and what people wrote are untrusted, so nothing in them may
 * become a link, an image, a table or HTML. On one line, since a line break may begin a list or a heading.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\s\u2028\u2029]+/g, ' ')
    .replace(/[\\`*_{}[\]()#+\-.!|~:@$^=>]/g, (mark) => `\\${mark}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');
}
