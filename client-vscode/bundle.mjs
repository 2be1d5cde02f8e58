// Puts the extension together: one file for the extension host, one for the web view; with --tests, the tests too.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const small = process.argv.includes("--small");
const shared = { bundle: true, minify: small, sourcemap: small ? false : "linked", logLevel: "warning" };

rmSync("dist", { recursive: true, force: true });
const { metafile } = await build({
  ...shared, entryPoints: ["src/extension.ts"], outfile: "dist/extension.js", metafile: true,
  platform: "node", format: "cjs", target: "node20", external: ["vscode"],
});
writeFileSync("dist/NOTICES.txt", notices(Object.keys(metafile.inputs)));
await build({
  ...shared, entryPoints: ["src/control/main.ts"], outfile: "dist/control.js",
  platform: "browser", format: "iife", target: "es2022",
});

if (process.argv.includes("--tests")) {
  rmSync("build/test", { recursive: true, force: true });
  await build({
    bundle: true, logLevel: "warning", sourcemap: "inline",
    entryPoints: readdirSync("test").filter((name) => name.endsWith(".test.ts")).map((name) => `test/${name}`),
    external: ["@vscode/vsce"], outdir: "build/test", outExtension: { ".js": ".mjs" }, platform: "node", format: "esm", target: "node20",
  });
}

/** Whose work is bundled, and under which terms. */
function notices(inputs) {
  const packages = new Set(inputs.map((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]).filter(Boolean));
  return [...packages].sort().map((name) => {
    const folder = `node_modules/${name}`;
    const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    const terms = file && existsSync(`${folder}/${file}`) ? readFileSync(`${folder}/${file}`, "utf8").trim() : license;
    return `${name} ${version} (${license})\n\n${terms}\n`;
  }).join("\n----\n\n");
}
