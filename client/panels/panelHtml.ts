import { escapeMarkup } from '../../server/measures/text/escapeMarkup.ts';

/** The page of a panel: no inline script, no inline style, nothing from elsewhere. What it shows is made by its script. */
export interface PageParts {
  readonly panel: string;
  readonly title: string;
  readonly language: string;
  /** What the webview's own resources are served from. */
  readonly source: string;
  readonly script: string;
  readonly style: string;
  /** Unguessable, new for each page. */
  readonly nonce: string;
}

export function panelHtml({ panel, title, language, source, script, style, nonce }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    // The toolkit makes one empty style element to find out what the browser can do.
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
