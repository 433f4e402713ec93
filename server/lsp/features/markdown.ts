/**
 * Escapes a text for Markdown, so that it is shown literally. Data sets and people's labels are untrusted: nothing
 * in them may become a link, an image, a table or HTML. The result is one line, since a line break may begin a list
 * or a heading.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\s\u2028\u2029]+/g, ' ')
    .replace(/[\\`*_{}[\]()#+\-.!|~:@$^=>]/g, (mark) => `\\${mark}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');
}
