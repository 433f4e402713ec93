import { escapeMarkup } from '../../server/measures/text/escapeMarkup.ts';

/**
 * The page of a panel. It has no inline script or style and loads nothing from elsewhere; its script builds the
 * content.
 */
export interface PageParts {
  readonly panel: string;
  readonly title: string;
  readonly language: string;
  /** The origin of the webview's own resources. */
  readonly source: string;
  readonly script: string;
  readonly style: string;
  /** A random value, new for each page, that nobody can guess. */
  readonly nonce: string;
}

export function panelHtml({ panel, title, language, source, script, style, nonce }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    // The toolkit creates one empty style element to test the browser's abilities.
    `style-src ${source} 'nonce-${nonce}'`,
    `font-src ${source}`,
    `img-src ${source} data:`,
    "form-action 'none'",
    "base-uri 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeMarkup(language)}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${escapeMarkup(policy)}">
<meta property="csp-nonce" content="${escapeMarkup(nonce)}">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<title>${escapeMarkup(title)}</title>
<link rel="stylesheet" href="${escapeMarkup(style)}">
</head>
<body data-panel="${escapeMarkup(panel)}">
<main id="app"></main>
<script nonce="${escapeMarkup(nonce)}" src="${escapeMarkup(script)}"></script>
</body>
</html>`;
}
