// Scenarios in a real VS Code: node tests/vscode/run.mjs [journey|detours|newcomer|restricted|trouble|all]
//   TOOLS, PICTURES, VSIX, MILEPOST, CHROMIUM say where things are; KEEP=1 leaves a scenario's folders behind.
import { createRequire } from "node:module";
import path from "node:path";

import { TOOLS } from "./editor.mjs";
import { say, tally } from "./expect.mjs";
import { detours } from "./detours.mjs";
import { journey } from "./journey.mjs";
import { newcomer } from "./newcomer.mjs";
import { restricted } from "./restricted.mjs";
import { trouble } from "./trouble.mjs";

const SCENARIOS = { journey, detours, newcomer, restricted, trouble };
const wanted = process.argv[2] ?? "all";
if (wanted !== "all" && !(wanted in SCENARIOS)) {
  console.error(`expected one of ${Object.keys(SCENARIOS).join(", ")} or all; found ${wanted}`);
  process.exit(2);
}

const { chromium } = createRequire(path.join(TOOLS, "package.json"))("playwright-core");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
  ],
});
try {
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    if (wanted === "all" || wanted === name) {
      say(name, "begins");
      await scenario(browser);
    }
  }
} finally {
  await browser.close();
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed ? 1 : 0;
