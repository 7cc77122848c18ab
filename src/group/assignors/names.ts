/** Names of Kafka's own assignors, apart from what they do: that is loaded when a group needs one. */

/** Kafka's own assignors, by their names on the wire. */
export type BuiltInAssignor = (typeof WIRE_NAMES)[number];

const WIRE_NAMES = ["range", "roundrobin", "sticky", "cooperative-sticky"] as const;

/** By the classes that Kafka's `partition.assignment.strategy` names. */
const javaClasses: ReadonlyMap<string, BuiltInAssignor> = new Map([
  ["org.apache.kafka.clients.consumer.RangeAssignor", "range"],
  ["org.apache.kafka.clients.consumer.RoundRobinAssignor", "roundrobin"],
  ["org.apache.kafka.clients.consumer.StickyAssignor", "sticky"],
  ["org.apache.kafka.clients.consumer.CooperativeStickyAssignor", "cooperative-sticky"],
]);

/** Names that {@link wireNameOf} knows, those on the wire first. */
export const ASSIGNOR_NAMES: readonly string[] = [...WIRE_NAMES, ...javaClasses.keys()];

/** The name on the wire of an assignor of Kafka's own, by that or by the name of its Java class; null for no such. */
export function wireNameOf(name: string): BuiltInAssignor | null {
  return javaClasses.get(name) ?? WIRE_NAMES.find((each) => each === name) ?? null;
}
