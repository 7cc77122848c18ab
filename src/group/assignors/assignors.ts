import type { Assignor, AssignorFactory } from "../assignor.ts";
import { CooperativeStickyAssignor } from "./cooperative-sticky.ts";
import { RangeAssignor } from "./range.ts";
import { RoundRobinAssignor } from "./round-robin.ts";
import { StickyAssignor } from "./sticky.ts";

/** Kafka's own assignors, by their names on the wire. */
export type BuiltInAssignor = "range" | "roundrobin" | "sticky" | "cooperative-sticky";

const factories: { readonly [name in BuiltInAssignor]: AssignorFactory } = {
  range: () => new RangeAssignor(),
  roundrobin: () => new RoundRobinAssignor(),
  sticky: () => new StickyAssignor(),
  "cooperative-sticky": () => new CooperativeStickyAssignor(),
};

/** By the classes that Kafka's `partition.assignment.strategy` names. */
const javaClasses: ReadonlyMap<string, BuiltInAssignor> = new Map([
  ["org.apache.kafka.clients.consumer.RangeAssignor", "range"],
  ["org.apache.kafka.clients.consumer.RoundRobinAssignor", "roundrobin"],
  ["org.apache.kafka.clients.consumer.StickyAssignor", "sticky"],
  ["org.apache.kafka.clients.consumer.CooperativeStickyAssignor", "cooperative-sticky"],
]);

/** Names that {@link builtInAssignor} knows, those on the wire first. */
export const ASSIGNOR_NAMES: readonly string[] = [...Object.keys(factories), ...javaClasses.keys()];

/**
 * A new assignor of Kafka's own, by its name on the wire or by that of its Java class;
 * null when there is none.
 */
export function builtInAssignor(name: string): Assignor | null {
  const wireName = javaClasses.get(name) ?? name;
  return Object.hasOwn(factories, wireName) ? factories[wireName as BuiltInAssignor]() : null;
}
