/** What a test may say of the cluster that it starts. */

import type { ServerTls } from "../platform/listener.ts";
import type { Platform } from "../platform/platform.ts";
import type { Release } from "./releases.ts";
import type { AuthorizerOptions } from "./security/acl-authorizer.ts";
import type { SaslOptions } from "./security/sasl/sasl-server.ts";
import type { SecurityProtocol } from "./security/security-protocol.ts";

/** What a topic is like that is there from the start. */
export interface TopicOptions {
  /** Default: the brokers' `num.partitions`, which is 1. */
  readonly partitions?: number;
  /** Default: the brokers' `default.replication.factor`, which is 1. */
  readonly replicationFactor?: number;
  /** Ids of the brokers of each partition, the leader first, instead of the two above. */
  readonly assignments?: readonly (readonly number[])[];
  /** Topic configurations under Kafka's names, such as `{ "cleanup.policy": "compact" }`. */
  readonly configs?: Readonly<Record<string, string>>;
}

/** Options of `TestCluster.start`. */
export interface TestClusterOptions {
  /** How many brokers; their ids count from 1. Default: 1, or as many as the data directory has. */
  readonly brokers?: number;
  /** The Kafka release that the cluster is like, as far as clients see. Default: `4.4`. */
  readonly as?: Release;
  /** Topics to make: a number of partitions, or more than that, by name. Those of a data directory stay as they are. */
  readonly topics?: Readonly<Record<string, number | TopicOptions>>;
  /**
   * `tcp` listens on loopback, where any client can connect. `memory` opens no socket: a client gets to it through
   * {@link TestCluster.platform}. Default: `tcp`.
   */
  readonly network?: "tcp" | "memory";
  /** Where brokers listen, and what they tell clients of. Default: `127.0.0.1`, in memory `broker-1` and so on. */
  readonly host?: string;
  /** Port of the first broker; the others take those that follow. 0 for free ones. Default: 0. */
  readonly port?: number;
  /**
   * What clients have to speak: `SASL_SSL` needs `tls`, and both SASL protocols take users from `sasl`. Default: what
   * follows from `tls` and `sasl`, and `PLAINTEXT` where neither is there.
   */
  readonly securityProtocol?: SecurityProtocol;
  /** Certificates of the brokers; clients then have to speak TLS, over TCP only. Default: null. */
  readonly tls?: ServerTls | null;
  /** How clients log in, where the protocol is one with SASL. Default: nobody can but by an unsigned token. */
  readonly sasl?: SaslOptions;
  /** Has access control lists decide who may do what. Default: none, and everybody may do everything. */
  readonly authorizer?: AuthorizerOptions;
  /** Whether a topic that a client asks for is made if it is not there. Default: true, as in Kafka. */
  readonly autoCreateTopics?: boolean;
  /**
   * Whether the brokers' time runs along with real time, or stands still until `cluster.clock.advance`. Default: `real`.
   */
  readonly time?: "real" | "manual";
  /** Broker configurations under Kafka's names, such as `{ "num.partitions": "3" }`. Default: none. */
  readonly configs?: Readonly<Record<string, string>>;
  /** Racks of the brokers, in their order. Default: none. */
  readonly racks?: readonly (string | null)[];
  /** Default: one that is made up, or that of the data directory. */
  readonly clusterId?: string;
  /**
   * Where topics, records, configurations, groups and offsets are kept; they are there again when a cluster is started
   * with the same directory. It is made if it is not there, and one cluster at a time can have it. Default: nowhere.
   */
  readonly dataDirectory?: string;
  /** Gives clock, zlib and chance. Default: the runtime's. */
  readonly platform?: Platform;
}
