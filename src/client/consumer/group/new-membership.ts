/** Memberships and assignors are loaded with the first group that needs them: most programs only send. */

import type { Assignor } from "../../../group/assignor.ts";
import type { Cluster } from "../../cluster.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-config.ts";
import type { Logger } from "../../logger.ts";
import type { ChosenAssignor } from "../assignment-strategy.ts";
import type { GroupCoordinator } from "./group-coordinator.ts";
import type { Membership, MembershipHost } from "./membership.ts";

/** What a membership needs. */
export interface MembershipParts {
  readonly cluster: Cluster;
  readonly coordinator: GroupCoordinator;
  readonly config: ResolvedConsumerConfig;
  readonly requestTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
  readonly host: MembershipHost;
  readonly logger: Logger;
  readonly rackId: string | null;
}

/** A membership by the protocol of KIP-848. */
export async function newConsumerMembership(parts: MembershipParts): Promise<Membership> {
  const { ConsumerMembership } = await import("./consumer-membership.ts");
  return new ConsumerMembership(parts);
}

/** A membership by Kafka's first protocol. */
export async function newClassicMembership(
  parts: MembershipParts,
  assignors: readonly Assignor[],
): Promise<Membership> {
  const { ClassicMembership } = await import("./classic-membership.ts");
  return new ClassicMembership({ ...parts, assignors });
}

/** Those of Kafka's own in place of their names. */
export async function makeAssignors(chosen: readonly ChosenAssignor[]): Promise<Assignor[]> {
  const { builtInAssignor } = await import("../../../group/assignors/assignors.ts");
  return chosen.map((each) => (typeof each === "string" ? (builtInAssignor(each) as Assignor) : each));
}
