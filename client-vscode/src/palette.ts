/** Names of the palette's commands. `package.json` declares them all, and `commands.ts` has to have one deed for each. */

export const PALETTE = [
  "newMission", "answer", "propose", "approve", "returnMission", "run", "pause", "interrupt", "steer", "resume", "cancel",
  "land", "publish", "openContract", "openBrief", "openPlan", "openReport", "openControl", "openTree", "diffFeature",
  "diffMilestone", "waive", "recheck", "amend", "revert", "reopen", "demo", "doctor", "setKey", "setModel", "setBudget",
  "showLogs", "restart", "collect",
] as const;

export type PaletteName = (typeof PALETTE)[number];

/** The server's own ids are `milepost.<order>`; the language client registers those, so ours must differ. */
export function commandId(name: PaletteName): string {
  return `milepost.palette.${name}`;
}

/** What works in Restricted Mode: looking, and caring for the extension itself. */
export const HARMLESS: ReadonlySet<PaletteName> = new Set<PaletteName>([
  "openContract", "openBrief", "openPlan", "openReport", "openControl", "openTree", "diffFeature", "diffMilestone",
  "doctor", "showLogs", "restart", "collect",
]);
