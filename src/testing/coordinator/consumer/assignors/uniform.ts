/**
 * The `uniform` assignor of the coordinator, its default: members get as many partitions as each other, as far as their
 * subscriptions allow, and keep what they have where that does not stand in the way.
 */

import { assignAlike } from "./assign-alike.ts";
import { assignMixed } from "./assign-mixed.ts";
import type { ServerAssignor } from "./server-assignor.ts";

export const uniformAssignor: ServerAssignor = {
  name: "uniform",
  assign: (input) => {
    if (input.members.length === 0) return new Map();
    return input.isHomogeneous ? assignAlike(input) : assignMixed(input);
  },
};
