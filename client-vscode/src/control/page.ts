/** The page around Mission Control: nothing is allowed but our own script, by its nonce, and our own style sheet. */

import { randomBytes } from "node:crypto";

export interface Sources {
  script: string;
  style: string;
  /** The web view's own source, for `style-src`. */
  cspSource: string;
}

export function nonce(): string {
  return randomBytes(18).toString("base64");
}

export function page(sources: Sources, once: string): string {
  const policy = `default-src 'none'; style-src ${sources.cspSource}; script-src 'nonce-${once}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${sources.style}">
<title>Mission Control</title>
</head>
<body>
<main id="screen" aria-live="polite"></main>
<script nonce="${once}" src="${sources.script}"></script>
</body>
</html>`;
}
