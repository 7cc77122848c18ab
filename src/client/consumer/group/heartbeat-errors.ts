/** Why a group does not take a member of the consumer protocol, in words that say what to do. */

import { KafkaError } from "../../../protocol/errors.ts";
import { ConsumerGroupHeartbeat } from "../../api.ts";
import { BrokerError } from "../../errors.ts";

/** Who was refused, and by whom. */
export interface RefusedMember {
  readonly groupId: string;
  readonly instanceId: string | null;
  readonly assignor: string | null;
  readonly broker: string;
  readonly version: number;
  /** What the broker said in words. */
  readonly brokerMessage: string | null;
}

const INVALID_GROUP_ID = 24;
const UNSUPPORTED_VERSION = 35;
const INVALID_REQUEST = 42;
const GROUP_ID_NOT_FOUND = 69;
const GROUP_MAX_SIZE_REACHED = 81;
const FENCED_INSTANCE_ID = 82;
const UNRELEASED_INSTANCE_ID = 111;
const UNSUPPORTED_ASSIGNOR = 112;
const INVALID_REGULAR_EXPRESSION = 128;

const CLASSIC = 'set groupProtocol: "classic"';

/** What the coordinator's error code comes to for the application. */
export function refusedBy(errorCode: number, member: RefusedMember): BrokerError {
  const { broker, version, brokerMessage } = member;
  const remedy = remedyFor(errorCode, member);
  return new BrokerError(errorCode, {
    broker,
    apiKey: ConsumerGroupHeartbeat.apiKey,
    apiVersion: version,
    brokerMessage: brokerMessage ?? `group "${member.groupId}"`,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

function remedyFor(errorCode: number, { groupId, instanceId, assignor }: RefusedMember): string | undefined {
  switch (errorCode) {
    case INVALID_GROUP_ID:
      return "set a groupId that is not empty";
    case UNSUPPORTED_VERSION:
      return `the cluster has not switched the consumer protocol on. Until it has (feature group.version 1, and consumer among group.coordinator.rebalance.protocols), ${CLASSIC}`;
    case INVALID_REQUEST:
      return `check the settings of the consumer in group "${groupId}"; the broker's log may say more`;
    case GROUP_ID_NOT_FOUND:
      return `"${groupId}" is a group of another kind, whose members cannot take one of the consumer protocol. Use another groupId, ${CLASSIC}, or allow it by group.consumer.migration.policy`;
    case GROUP_MAX_SIZE_REACHED:
      return `group "${groupId}" has as many members as the brokers allow. Run fewer, or raise group.consumer.max.size`;
    case FENCED_INSTANCE_ID:
      return `another member has taken the place of groupInstanceId "${instanceId}". Give each its own, and run each once`;
    case UNRELEASED_INSTANCE_ID:
      return `another member has groupInstanceId "${instanceId}". Give each its own; where it was this one that ended without closing, start again when its session is over (group.consumer.session.timeout.ms)`;
    case UNSUPPORTED_ASSIGNOR:
      return `the brokers have no assignor "${assignor}". Set groupRemoteAssignor to one of group.consumer.assignors, or leave it out`;
    case INVALID_REGULAR_EXPRESSION:
      return "write the pattern in the syntax of RE2";
    default:
      return undefined;
  }
}

/** A broker that does not know the protocol, and will not before it is another broker. */
export function unsupportedBy(cause: KafkaError): KafkaError {
  const message = `The group's coordinator does not serve groupProtocol "consumer": ${CLASSIC}, or use brokers of Kafka 4.0 or later`;
  return new KafkaError("UNSUPPORTED_VERSION", message, { cause, fatal: true });
}

/** @throws KafkaError when a broker of this version cannot resolve patterns. */
export function checkPattern(pattern: string | null | undefined, version: number): void {
  if (version > 0 || pattern === null || pattern === undefined || pattern === "") return;
  throw new KafkaError(
    "UNSUPPORTED_VERSION",
    `The group's coordinator cannot resolve the pattern ${JSON.stringify(pattern)}, which needs ConsumerGroupHeartbeat v1: ` +
      "subscribe to a RegExp, which the client resolves, or use brokers of Kafka 4.0 or later",
    { fatal: true },
  );
}
