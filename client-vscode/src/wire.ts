/** Orders and their parameters: each is sent as the command of its name with one object. */

import type * as protocol from "./protocol";

export interface Orders {
  newMission: protocol.NewMission;
  demo: protocol.Demo;
  answer: protocol.AnswerItem;
  propose: protocol.OfMission;
  approve: protocol.Approve;
  returnMission: protocol.WithComment;
  run: protocol.OfMission;
  pause: protocol.OfMission;
  interrupt: protocol.WithReason;
  resume: protocol.OfMission;
  steer: protocol.Steer;
  cancel: protocol.WithReason;
  waive: protocol.Waive;
  recheck: protocol.Recheck;
  resolve: protocol.Resolve;
  set: protocol.Set;
  land: protocol.Land;
  publish: protocol.OfMission;
}

export type Order = keyof Orders;
