import type { Assignor, AssignorFactory } from "../assignor.ts";
import { CooperativeStickyAssignor } from "./cooperative-sticky.ts";
import { type BuiltInAssignor, wireNameOf } from "./names.ts";
import { RangeAssignor } from "./range.ts";
import { RoundRobinAssignor } from "./round-robin.ts";
import { StickyAssignor } from "./sticky.ts";

const factories: { readonly [name in BuiltInAssignor]: AssignorFactory } = {
  range: () => new RangeAssignor(),
  roundrobin: () => new RoundRobinAssignor(),
  sticky: () => new StickyAssignor(),
  "cooperative-sticky": () => new CooperativeStickyAssignor(),
};

/**
 * A new assignor of Kafka's own, by its name on the wire or by that of its Java class;
 * null when there is none.
 */
export function builtInAssignor(name: string): Assignor | null {
  const wireName = wireNameOf(name);
  return wireName === null ? null : factories[wireName]();
}
