/**
 * Who owned what before: members say it themselves, and may contradict each other. One that was away for a while
 * still believes in what it had in an older generation of the group.
 */

/** What a member says that it owns. */
export interface Claim {
  readonly partitions: readonly number[];
  /** Generation of the group in which it was given that; -1 when it does not say. */
  readonly generation: number;
  /** `generationId` of its subscription, which some members do not send: then -1. */
  readonly subscriptionGeneration: number;
}

export interface SettledClaims {
  /** By member, the partitions that it owned before anybody else, as far as the claims tell. */
  readonly owned: readonly ReadonlySet<number>[];
  /** Partitions that several members claim for the same generation. They were taken from all of them. */
  readonly disputed: ReadonlySet<number>;
}

/**
 * Gives each claimed partition to the claim of the highest generation.
 *
 * As in Kafka, the claim that is there already counts with the generation of its member's subscription, not with
 * the one that comes with the claim. They differ for members that send none, older clients, and the later of two
 * claims then wins over theirs.
 *
 * @param order the members in the order in which they are heard
 */
export function settleClaims(claims: readonly Claim[], order: readonly number[]): SettledClaims {
  const owned = claims.map(() => new Set<number>());
  const ownedBy = (member: number): Set<number> => owned[member] as Set<number>;
  const disputed = new Set<number>();
  const claimant = new Map<number, number>();
  for (const member of order) {
    const { partitions, generation } = claims[member] as Claim;
    for (const partition of partitions) {
      const other = claimant.get(partition);
      const generationOfOther =
        other === undefined ? Number.NEGATIVE_INFINITY : (claims[other] as Claim).subscriptionGeneration;
      if (generation < generationOfOther) continue;
      claimant.set(partition, member);
      if (other !== undefined) ownedBy(other).delete(partition);
      if (generation === generationOfOther) disputed.add(partition);
      else ownedBy(member).add(partition);
    }
  }
  return { owned, disputed };
}
