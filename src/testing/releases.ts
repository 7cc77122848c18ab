/** What a Kafka release can do, as far as it is not of one API alone. */

/** A release that a cluster can be like. */
export type Release = "2.1" | "3.9" | "4.0" | "4.1" | "4.4";

/** Oldest first. */
export const releases: readonly Release[] = ["2.1", "3.9", "4.0", "4.1", "4.4"];

/** A feature that brokers agree on (KIP-584). */
export interface Feature {
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  /** What the cluster has agreed on; 0 for a feature that is off. */
  readonly finalized: number;
}

/** How groups of the consumer protocol (KIP-848) are kept. */
export interface ConsumerGroupRules {
  /** The epoch of a group that is new. */
  readonly firstEpoch: number;
  /** Whether a member may join anew at any time, and not only while it has missed the answer to its join. */
  readonly takesRejoins: boolean;
  /** Whether another assignor than before raises the epoch of the group. */
  readonly raisesForAssignor: boolean;
  /** KIP-1251: a member may commit with any epoch that it had since the partition came to it. */
  readonly checksPartitionEpochs: boolean;
}

export interface ReleaseFacts {
  readonly release: Release;
  /** Place in the order of releases: compare these, not the names. */
  readonly order: number;
  /** KIP-516: from 2.8 on. */
  readonly hasTopicIds: boolean;
  /** Whether clients have to ask the controller itself for what it decides: until there was KRaft. */
  readonly hasControllerRequests: boolean;
  /** KIP-890, first part: a partition has to be in the transaction before anything of it is appended there. */
  readonly verifiesTransactions: boolean;
  /** KIP-890, second part: transactions whose epoch grows with each of them. */
  readonly hasTransactionsV2: boolean;
  /** Whether UpdateFeatures changes all that it is asked for, or nothing. */
  readonly hasOneFeatureError: boolean;
  /** KIP-848. */
  readonly hasConsumerProtocol: boolean;
  readonly consumerGroups: ConsumerGroupRules;
  readonly features: readonly Feature[];
}

const METADATA_VERSIONS: Readonly<Record<Release, number>> = {
  "2.1": 0,
  "3.9": 21,
  "4.0": 25,
  "4.1": 27,
  "4.4": 30,
};

/** The facts about a release. */
export function factsOf(release: Release): ReleaseFacts {
  const order = releases.indexOf(release);
  const since = (first: Release): boolean => order >= releases.indexOf(first);
  return {
    release,
    order,
    hasTopicIds: since("3.9"),
    hasControllerRequests: !since("3.9"),
    verifiesTransactions: since("3.9"),
    hasTransactionsV2: since("4.0"),
    hasOneFeatureError: since("4.0"),
    hasConsumerProtocol: since("4.0"),
    consumerGroups: {
      firstEpoch: since("4.4") ? 1 : 0,
      takesRejoins: since("4.4"),
      raisesForAssignor: since("4.4"),
      checksPartitionEpochs: since("4.4"),
    },
    features: featuresOf(release, since),
  };
}

function featuresOf(release: Release, since: (first: Release) => boolean): Feature[] {
  if (!since("3.9")) return [];
  const metadata = METADATA_VERSIONS[release];
  const features: Feature[] = [
    { name: "kraft.version", minVersion: 0, maxVersion: 1, finalized: 1 },
    { name: "metadata.version", minVersion: since("4.0") ? 7 : 1, maxVersion: metadata, finalized: metadata },
  ];
  if (since("4.0")) {
    features.push(
      {
        name: "eligible.leader.replicas.version",
        minVersion: 0,
        maxVersion: 1,
        finalized: since("4.1") ? 1 : 0,
      },
      { name: "group.version", minVersion: 0, maxVersion: 1, finalized: 1 },
      { name: "transaction.version", minVersion: 0, maxVersion: 2, finalized: 2 },
    );
  }
  if (since("4.4")) {
    features.push(
      { name: "share.version", minVersion: 0, maxVersion: 1, finalized: 1 },
      { name: "streams.version", minVersion: 0, maxVersion: 1, finalized: 1 },
    );
  }
  return features;
}
