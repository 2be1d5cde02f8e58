// What a scenario expects: looked at again and again until it holds, or until patience ends.
const PATIENCE_MS = Number(process.env.PATIENCE_MS ?? 60_000);
const began = Date.now();

export const tally = { passed: 0, failed: 0 };
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const say = (...words) => console.log(`[${((Date.now() - began) / 1000).toFixed(1).padStart(6)}s]`, ...words);

export function expect(holds, what, found) {
  if (holds) {
    tally.passed += 1;
    say("ok   ", what);
  } else {
    tally.failed += 1;
    say("FAIL ", what, "found:", JSON.stringify(found));
  }
  return Boolean(holds);
}

/** Look until it holds; what was seen last. */
export async function look(see, holds, patience = PATIENCE_MS) {
  let seen;
  for (const end = Date.now() + patience; ; await pause(100)) {
    seen = await see().catch((error) => `not there: ${error.message.split("\n")[0]}`);
    const held = await Promise.resolve(holds(seen)).catch(() => false);
    if (held || Date.now() > end) {
      return { seen, held };
    }
  }
}

/** Expect that something comes to hold. Where it does not, the scenario cannot go on. */
export async function until(see, holds, what, patience) {
  const { seen, held } = await look(see, (value) => {
    try {
      return holds(value);
    } catch {
      return false;
    }
  }, patience);
  if (!expect(held, what, seen)) {
    throw new Error(`waited in vain: ${what}`);
  }
  return seen;
}
