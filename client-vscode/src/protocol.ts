// Generated from the server's declarations by `make protocol`; do not edit.

export const PROTOCOL_VERSION = 1;

export const SCHEMA_HASH = "77bf30ee507f9832";

export const METHODS = {
  snapshot: "milepost/snapshot",
  document: "milepost/document",
  diff: "milepost/diff",
  doctor: "milepost/doctor",
  ping: "milepost/ping",
  keys: "milepost/keys",
  trust: "milepost/trust",
  editorState: "milepost/editorState",
  status: "milepost/status",
  changed: "milepost/changed",
} as const;

export const COMMANDS = {
  newMission: "milepost.newMission",
  demo: "milepost.demo",
  answer: "milepost.answer",
  propose: "milepost.propose",
  approve: "milepost.approve",
  returnMission: "milepost.returnMission",
  run: "milepost.run",
  pause: "milepost.pause",
  interrupt: "milepost.interrupt",
  resume: "milepost.resume",
  steer: "milepost.steer",
  cancel: "milepost.cancel",
  waive: "milepost.waive",
  recheck: "milepost.recheck",
  resolve: "milepost.resolve",
  amend: "milepost.amend",
  revert: "milepost.revert",
  set: "milepost.set",
  reopen: "milepost.reopen",
  land: "milepost.land",
  publish: "milepost.publish",
  trustFolder: "milepost.trustFolder",
  open: "milepost.open",
} as const;

/** What each command takes. */
export interface Commands {
  newMission: NewMission;
  demo: Demo;
  answer: AnswerItem;
  propose: OfMission;
  approve: Approve;
  returnMission: WithComment;
  run: OfMission;
  pause: OfMission;
  interrupt: WithReason;
  resume: OfMission;
  steer: Steer;
  cancel: WithReason;
  waive: Waive;
  recheck: Recheck;
  resolve: Resolve;
  amend: OfMission;
  revert: Revert;
  set: Set;
  reopen: Because;
  land: Land;
  publish: OfMission;
  trustFolder: TrustFolder;
  open: Open;
}

export interface Accepted {
  accepted: boolean;
  /** Of the order, where it is one; the answer in the log carries it. */
  id: string;
  /** Of the mission when it was given. */
  revision: number;
  /** What happens now, for a person. */
  message: string;
}

export interface ActivityView {
  attempt: string;
  seat: string;
  subject: string;
  doing: string;
  /** POSIX seconds. */
  since: number;
}

export interface AnswerItem {
  mission: string;
  item: string;
  /** Words, the number of an option, yes or no. */
  text: string;
}

export interface Approve {
  mission: string;
  /** Refuse where the documents changed since then. */
  expectedRevision?: number | null;
}

export interface AssertionView {
  id: string;
  title: string;
  area: string;
  surface: string;
  status: string;
  stale: boolean;
  feature: string;
  milestone: string;
  /** What the last verdict said. */
  note: string;
  evidence: EvidenceView[];
  /** URI of the contract. */
  uri: string;
  /** Its line there, from 0. */
  line: number;
}

export interface Because {
  mission: string;
  reason: string;
}

export interface ChangedParams {
  mission: string;
  revision: number;
  what: ("contract" | "plan" | "items" | "handoffs" | "verdicts" | "rounds" | "activity" | "money" | "state")[];
}

export interface Demo {
  /** URI of the folder in which the new repository goes. */
  folder: string;
}

export interface Diff {
  title: string;
  files: DiffFile[];
}

export interface DiffFile {
  path: string;
  /** None where the file is new, or is no text. */
  before: string | null;
  /** None where the file is gone, or is no text. */
  after: string | null;
}

export interface DiffParams {
  mission: string;
  feature?: string | null;
  milestone?: string | null;
}

export interface Doctor {
  findings: DoctorFinding[];
}

export interface DoctorFinding {
  ok: boolean;
  severity: string;
  name: string;
  message: string;
  remedy: string;
}

export interface Document {
  uri: string;
  text: string;
}

export interface DocumentParams {
  mission: string;
  /** brief, contract, plan, questions, report, handoff:F1, milestone:M1, or evidence:<attempt>/E3. */
  document: string;
}

export interface DocumentView {
  /** brief, contract, plan, questions, report. */
  name: string;
  uri: string;
}

export interface EditorStateParams {
  /** URIs of documents with changes that are not saved. */
  dirty: string[];
}

export interface EvidenceView {
  /** `<attempt>/E3`, or the hash of a check's receipt. */
  id: string;
  kind: string;
  title: string;
  blob: string;
  /** URI of a copy to read; empty where it was not laid out. */
  uri: string;
}

export interface FeatureView {
  id: string;
  title: string;
  milestone: string;
  status: string;
  skill: string;
  fulfills: string[];
  fixes: string[];
  attempts: number;
  dollars: number;
  /** Commit its range begins after. */
  start: string;
  end: string;
  commits: string[];
  /** URI of its newest handoff; empty while there is none. */
  document: string;
}

export interface HandoffView {
  feature: string;
  attempt: string;
  outcome: string;
  summary: string;
  mismatches: string[];
  /** Ids of the items held against it: by its audit, and by rounds until the feature's next handoff, about the feature or an assertion that it owes; `items` has how each was answered. */
  found: string[];
  document: string;
}

export interface ItemView {
  id: string;
  type: string;
  owner: string;
  about: string;
  text: string;
  severity: string;
  options: string[];
  /** Whether it takes several of its options. */
  multiple: boolean;
  /** `mission`, `none`, or features with commas. */
  blocks: string;
  /** URI, where it is a finding of a file. */
  file: string;
  /** From 0; -1 without one. */
  line: number;
  open: boolean;
  decision: string;
  reason: string;
  answer: string;
  /** The feature that mends it. */
  feature: string;
  /** What the user may do: answer, approve, deny, dismiss, reopen … */
  actions: string[];
}

export interface Keys {
  names: string[];
}

export interface KeysParams {
  /** Name of the environment variable to its value; they replace those that were sent before. */
  keys: Record<string, unknown>;
}

export interface Land {
  mission: string;
  unfinished?: boolean;
}

export interface MilestoneView {
  id: string;
  title: string;
  outcome: string;
  status: string;
  rounds: number;
  /** The commit it was sealed at. */
  commit: string;
  /** URI of its page; empty while there is none. */
  document: string;
}

/** One mission in a line: the whole small state, never a difference. */
export interface MissionStatus {
  mission: string;
  /** The first line of its goal. */
  title: string;
  /** URI of the user's repository. */
  repository: string;
  /** Number of its newest event; grows with everything that happens. */
  revision: number;
  /** draft, proposed, running, paused, blocked, parked, interrupted, completed, failed or cancelled. */
  word: string;
  phase: string;
  health: "ok" | "warning" | "error";
  /** Why it does not go on, or how it ended; empty while all is well. */
  message: string;
  /** Whether a runner carries it now. */
  running: boolean;
  /** Settled assertions by live ones, 0 to 1. */
  completion: number;
  settled: number;
  assertions: number;
  dollars: number;
  budget: number | null;
  /** The open milestone, such as `M1`; may be empty. */
  milestone: string;
  /** Who is at work; empty where nobody is. */
  seat: string;
  /** `thinking`, or the tool in use. */
  doing: string;
  /** What they work on: a feature, a milestone, a flow. */
  subject: string;
  /** How many things wait for the user. */
  attention: number;
  landed: boolean;
}

/** Everything a tree or Mission Control shows of one mission. */
export interface MissionView {
  status: MissionStatus;
  goal: string;
  summary: string;
  base: string;
  head: string;
  branch: string;
  mode: string;
  /** URI of its work tree. */
  tree: string;
  /** URI of its folder. */
  folder: string;
  created: number;
  elapsed: number;
  milestones: MilestoneView[];
  features: FeatureView[];
  assertions: AssertionView[];
  items: ItemView[];
  handoffs: HandoffView[];
  rounds: RoundView[];
  seats: SeatView[];
  activity: ActivityView[];
  timeline: PointView[];
  documents: DocumentView[];
  warnings: string[];
  estimate: Record<string, number>;
}

export interface NewMission {
  goal: string;
  /** URI of a folder in the repository. */
  folder: string;
  budget?: number | null;
  inPlace?: boolean;
  model?: string | null;
  apiBase?: string | null;
  name?: string | null;
}

/** No parameters. */
export interface Nothing {
}

export interface OfMission {
  mission: string;
}

export interface Open {
  mission: string;
  /** As in milepost/document. */
  document: string;
}

/** One point of the plots. */
export interface PointView {
  at: number;
  settled: number;
  assertions: number;
  dollars: number;
}

export interface Pong {
  revision: number;
  /** Seconds. */
  uptime: number;
}

export interface Recheck {
  mission: string;
  /** Empty: all that were judged. */
  assertions?: string[];
}

export interface Resolve {
  mission: string;
  item: string;
  decision: string;
  reason?: string;
  feature?: string | null;
  text?: string | null;
}

export interface Revert {
  mission: string;
  feature: string;
}

export interface RoundView {
  milestone: string;
  number: number;
  outcome: string;
  reason: string;
  /** Gates that were red and assertions that failed. */
  failed: string[];
  /** Ids of the items it opened. */
  items: string[];
}

export interface SeatView {
  seat: string;
  model: string;
  dollars: number;
  turns: number;
  cacheShare: number;
}

export interface Set {
  mission: string;
  key: string;
  value?: unknown;
}

export interface Snapshot {
  /** Sum of the missions' revisions: another one whenever anything happened. */
  revision: number;
  unchanged: boolean;
  missions: MissionView[];
}

export interface SnapshotParams {
  /** Only this one. */
  mission?: string | null;
  /** What the client has: nothing is sent where that is still the newest. */
  ifRevision?: number | null;
}

export interface StatusParams {
  revision: number;
  /** Whether everything that is there was read. Once it was, one such status comes, also where there is no mission. */
  quiescent: boolean;
  missions: MissionStatus[];
}

export interface Steer {
  mission: string;
  text: string;
}

export interface TrustFolder {
  folder: string;
}

export interface TrustParams {
  trusted: boolean;
}

export interface Waive {
  mission: string;
  assertion: string;
  reason: string;
}

export interface WithComment {
  mission: string;
  comment: string;
}

export interface WithReason {
  mission: string;
  reason?: string;
}
