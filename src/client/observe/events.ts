/** What a client tells of its work while it works: the events, their names and what each carries. */

/** Which connection an event is about. */
export interface ConnectionPlace {
  /** The broker as `host:port`. */
  readonly broker: string;
  /** The broker's id; null for a connection to a bootstrap server, whose id is not known. */
  readonly nodeId: number | null;
  /** What the connection is for: `main`, or one of its own such as `fetch-1`. */
  readonly purpose: string;
}

/** Which request an event is about. */
export interface RequestPlace extends ConnectionPlace {
  /** Kafka's name of the API, such as `Produce`. */
  readonly api: string;
  readonly apiVersion: number;
  readonly correlationId: number;
}

/** Which partition an event is about. */
export interface PartitionPlace {
  readonly topic: string;
  readonly partition: number;
}

/** A partition, and how far a group has read it. */
export interface CommittedPartition extends PartitionPlace {
  /** Of the next record to read. */
  readonly offset: bigint;
}

/** A batch on its way to the leader of its partition. */
export interface BatchPlace extends PartitionPlace {
  /** Node id of the leader it goes to; null where it was not sent to any. */
  readonly nodeId: number | null;
  readonly records: number;
  /** Size as it is sent; before it was compressed, where it never was. */
  readonly bytes: number;
  /** 1 for the first attempt at sending it; 0 where there was none. */
  readonly attempt: number;
}

/** Which member of which group an event is about. */
export interface GroupPlace {
  readonly groupId: string;
  /** Empty while it has none. */
  readonly memberId: string;
  /** Of a static member (KIP-345); null for any other. */
  readonly groupInstanceId: string | null;
  /** Of the group, or epoch of the member where `protocol` is `"consumer"`; -1 outside the group. */
  readonly generationId: number;
  /** Of the group: that of all brokers, or that of KIP-848. */
  readonly protocol: "classic" | "consumer";
}

/**
 * Every event and what it carries, beside `type` and `clientId`. Durations are milliseconds, sizes bytes.
 *
 * | event | when |
 * | --- | --- |
 * | `connection:opened` | a connection is ready: connected, versions negotiated, authenticated |
 * | `connection:failed` | an attempt at that came to nothing |
 * | `connection:closed` | a connection that was ready has ended |
 * | `connection:authenticated` | a connection has proved who we are (SASL), for the first time or again (KIP-368) |
 * | `request:done` | a request has its answer, or will have none |
 * | `request:throttled` | a broker says that a quota was exceeded (KIP-219) |
 * | `metadata:updated` | a broker has described the cluster |
 * | `leader:changed` | it said that a partition has another leader |
 * | `batch:sent` | a batch is handed to the connection, each time it is |
 * | `batch:failed` | it was not taken; it is sent again, or its records have failed |
 * | `records:delivered` | a batch was acknowledged |
 * | `fetch:done` | a broker has answered a fetch |
 * | `group:rebalancing` | a member has to join, or to give up or take over partitions |
 * | `group:joined` | it has joined the group, or its next generation |
 * | `group:assigned` | it has what it shall read: for this member the rebalance is over |
 * | `group:left` | it is no member any more |
 * | `offsets:committed` | a group's coordinator has stored offsets |
 * | `offsets:commit-failed` | a commit came to its end without all that it should have stored |
 * | `stalled` | a wait is longer than it should be |
 */
export interface ClientEvents {
  "connection:opened": ConnectionPlace & {
    /** From the first packet to the end of the handshakes, without the backoff before. */
    readonly setupMs: number;
  };
  "connection:failed": ConnectionPlace & { readonly error: unknown; readonly setupMs: number };
  "connection:closed": ConnectionPlace & {
    readonly cause: Error;
    /** True when we closed it on purpose; false when it broke or the broker hung up. */
    readonly closedHere: boolean;
    readonly openMs: number;
  };
  "connection:authenticated": ConnectionPlace & {
    readonly mechanism: string;
    /** True when the connection had been authenticated before. */
    readonly again: boolean;
    readonly durationMs: number;
    /** Until it has to be done again; null where the broker sets no limit. */
    readonly sessionLifetimeMs: number | null;
  };
  "request:done": RequestPlace & {
    /** From `send` until the request was written: for a place in flight, or for a stream that is full. */
    readonly queueMs: number;
    /** From then until the answer, or until it was given up; 0 for a request that was never written. */
    readonly latencyMs: number;
    /** Size of the frame as it went out; 0 for a request that was never written. */
    readonly requestBytes: number;
    /** Size of the frame that answered; 0 where none did. */
    readonly responseBytes: number;
    /** Null when the answer came and could be read, whatever error code it carries. */
    readonly error: unknown;
  };
  "request:throttled": RequestPlace & { readonly throttleTimeMs: number };
  "metadata:updated": {
    readonly clusterId: string | null;
    readonly controllerId: number;
    readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
    /** The topics that were asked for. */
    readonly topics: readonly string[];
    /** Those of them that are new, are gone, or have other partitions or leaders than before. */
    readonly changedTopics: readonly string[];
  };
  "leader:changed": PartitionPlace & {
    /** Node ids; -1 while there is no leader. */
    readonly from: number;
    readonly to: number;
    /** -1 where brokers do not tell. */
    readonly leaderEpoch: number;
  };
  "batch:sent": BatchPlace;
  "batch:failed": BatchPlace & {
    readonly error: unknown;
    /** Whether it is sent again. */
    readonly willRetry: boolean;
  };
  "records:delivered": BatchPlace & {
    /** Offset of the first record; -1 where the broker did not tell. */
    readonly baseOffset: bigint;
    /** From the making of the batch to its acknowledgement. */
    readonly deliveryMs: number;
  };
  "fetch:done": {
    readonly broker: string;
    readonly nodeId: number;
    /** Partitions that were asked for, and those of them that had records. */
    readonly partitions: number;
    readonly partitionsWithRecords: number;
    readonly batches: number;
    /** Bytes of record batches. */
    readonly bytes: number;
    readonly latencyMs: number;
  };
  "group:rebalancing": GroupPlace & { readonly reason: string };
  "group:joined": GroupPlace & {
    /** Name of the assignor that the group has settled on; null where the brokers keep it to themselves. */
    readonly assignor: string | null;
    /** Whether this member assigns for all. */
    readonly isLeader: boolean;
  };
  "group:assigned": GroupPlace & {
    /** How many partitions it has taken over, and how many it has given up or lost since the rebalance began. */
    readonly assigned: number;
    readonly revoked: number;
    readonly lost: number;
    /** How many it holds now. */
    readonly partitions: number;
    /** Since the rebalance began. */
    readonly rebalanceMs: number;
  };
  "group:left": GroupPlace & { readonly reason: string };
  "offsets:committed": {
    readonly groupId: string;
    /** Those of one request, which may be of several commits. */
    readonly partitions: readonly CommittedPartition[];
    /** From the request to its answer. */
    readonly latencyMs: number;
  };
  "offsets:commit-failed": {
    readonly groupId: string;
    /** Those that were not committed; which of them may be all the same, the error says. */
    readonly partitions: readonly CommittedPartition[];
    /** Since the commit was asked for. */
    readonly latencyMs: number;
    /** A `CommitError`, or the reason for which the commit was aborted. */
    readonly error: unknown;
  };
  stalled: {
    /** What is waited for, in words. */
    readonly waitingFor: string;
    readonly broker: string | null;
    readonly nodeId: number | null;
    readonly api: string | null;
    readonly ageMs: number;
    /** Until the deadline, negative after it; null where there is none. */
    readonly deadlineInMs: number | null;
    /** True when the wait has gone on after its deadline, which is a fault of the client. */
    readonly isOverdue: boolean;
    /** What stands in the way, as far as is known; empty where nothing is. */
    readonly inTheWay: string;
  };
}

/** The name of an event. */
export type ClientEventName = keyof ClientEvents;

/** An event as a listener gets it; `type` tells one from another. */
export type ClientEvent<Name extends ClientEventName = ClientEventName> = Name extends unknown
  ? { readonly type: Name; readonly clientId: string } & ClientEvents[Name]
  : never;

/** Takes the events of a name. */
export type ClientEventListener<Name extends ClientEventName> = (event: ClientEvent<Name>) => void;

/** So that the compiler finds a name that was forgotten. */
const NAMES: { readonly [Name in ClientEventName]: true } = {
  "connection:opened": true,
  "connection:failed": true,
  "connection:closed": true,
  "connection:authenticated": true,
  "request:done": true,
  "request:throttled": true,
  "metadata:updated": true,
  "leader:changed": true,
  "batch:sent": true,
  "batch:failed": true,
  "records:delivered": true,
  "fetch:done": true,
  "group:rebalancing": true,
  "group:joined": true,
  "group:assigned": true,
  "group:left": true,
  "offsets:committed": true,
  "offsets:commit-failed": true,
  stalled: true,
};

/** Every name there is. */
export const CLIENT_EVENT_NAMES = Object.keys(NAMES) as readonly ClientEventName[];
