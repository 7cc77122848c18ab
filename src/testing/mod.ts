/**
 * Kafka for tests, in the same process: a broker that speaks the real protocol, over TCP to any client and over memory
 * to this one, and the network in memory that it runs on.
 *
 * Written from Kafka's behaviour, and without anything of the client: a broker that shares the client's
 * misunderstandings proves nothing.
 *
 * @module
 */

export type { ServerTls } from "../platform/listener.ts";
export {
  type Chunking,
  type MemoryAcceptor,
  type MemoryListener,
  MemoryNetwork,
  type MemoryNetworkOptions,
  type MemoryStream,
  randomCuts,
} from "../platform/memory.ts";
export { FrameReader } from "../protocol/frame.ts";
export { BrokerClock } from "./broker-clock.ts";
export type { TestClusterOptions, TopicOptions } from "./cluster-options.ts";
export type { Fault, FaultEffect, FaultOptions, FaultTarget } from "./faults/fault.ts";
export type { Direction, NetworkFault, NetworkFaultOptions } from "./faults/network-fault.ts";
export type { ClusterObserver, ConnectedClient } from "./observer.ts";
export type { Release } from "./releases.ts";
export type { LoggedRequest, RequestLog } from "./request-log.ts";
export type { AuthorizerOptions } from "./security/acl-authorizer.ts";
export type { BearerToken, ValidateToken } from "./security/sasl/oauthbearer-exchange.ts";
export type { SaslOptions } from "./security/sasl/sasl-server.ts";
export type { SecurityProtocol } from "./security/security-protocol.ts";
export type { TestBroker } from "./test-broker.ts";
export { TestCluster } from "./test-cluster.ts";
export type { TestPartition } from "./test-partition.ts";
