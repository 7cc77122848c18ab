import { describe, expect, it } from "vitest";
import {
  AuthenticationError,
  BrokerError,
  ClosedError,
  ConnectionError,
  TimeoutError,
} from "../../../../src/client/errors.ts";
import {
  type ErrorClass,
  errorClassOf,
  mayPass,
  type TransactionalApi,
} from "../../../../src/client/producer/transactions/transaction-errors.ts";
import { errorCodes } from "../../../../src/protocol/error-codes.ts";
import { KafkaError } from "../../../../src/protocol/errors.ts";

const numberOf = new Map([...errorCodes.values()].map(({ name, code }) => [name, code]));
const classOf = (api: TransactionalApi, name: string): ErrorClass =>
  errorClassOf(api, new BrokerError(numberOf.get(name) ?? expect.fail(`no error ${name}`)));

const APIS = [
  "InitProducerId",
  "AddPartitionsToTxn",
  "AddOffsetsToTxn",
  "TxnOffsetCommit",
  "EndTxn",
  "Produce",
] as const;

const R = "retriable";
const F = "refresh retriable";
const A = "abortable";
const E = "abortable with a higher epoch";
const N = "application recoverable";
const C = "invalid configuration";

/** In the order of APIS. */
const TABLE: readonly (readonly [string, readonly ErrorClass[]])[] = [
  ["CONCURRENT_TRANSACTIONS", [R, R, R, R, R, E]],
  ["COORDINATOR_LOAD_IN_PROGRESS", [R, R, R, R, R, E]],
  ["UNKNOWN_TOPIC_OR_PARTITION", [R, R, R, R, R, E]],
  ["NOT_COORDINATOR", [F, F, F, F, F, E]],
  ["COORDINATOR_NOT_AVAILABLE", [F, F, F, F, F, E]],
  ["REQUEST_TIMED_OUT", [R, R, R, F, R, E]],
  ["PRODUCER_FENCED", [N, N, N, N, N, N]],
  ["INVALID_PRODUCER_EPOCH", [N, N, N, N, N, E]],
  ["INVALID_PRODUCER_ID_MAPPING", [N, N, N, N, N, N]],
  ["INVALID_TXN_STATE", [N, N, N, A, N, E]],
  ["UNKNOWN_PRODUCER_ID", [E, E, E, E, E, E]],
  ["TRANSACTION_ABORTABLE", [A, A, A, A, A, E]],
  ["TRANSACTIONAL_ID_AUTHORIZATION_FAILED", [C, C, C, C, C, C]],
  ["CLUSTER_AUTHORIZATION_FAILED", [C, C, C, C, C, C]],
  ["TOPIC_AUTHORIZATION_FAILED", [A, A, A, A, A, E]],
  ["GROUP_AUTHORIZATION_FAILED", [A, A, A, A, A, A]],
  ["INVALID_TRANSACTION_TIMEOUT", [C, C, C, C, C, C]],
  ["OPERATION_NOT_ATTEMPTED", [N, A, N, N, N, E]],
  ["FENCED_INSTANCE_ID", [N, A, N, A, N, E]],
  ["UNKNOWN_MEMBER_ID", [N, A, N, A, N, E]],
  ["ILLEGAL_GENERATION", [N, A, N, A, N, E]],
  ["OFFSET_METADATA_TOO_LARGE", [N, A, N, A, N, E]],
  ["MESSAGE_TOO_LARGE", [N, A, N, N, N, E]],
  ["OUT_OF_ORDER_SEQUENCE_NUMBER", [N, A, N, N, N, E]],
  ["UNSUPPORTED_FOR_MESSAGE_FORMAT", [C, C, C, C, C, C]],
];

describe("the class of a broker's error (KIP-1050)", () => {
  it.each(TABLE)("%s", (name, classes) => {
    expect(APIS.map((api) => classOf(api, name))).toEqual(classes);
  });

  it.each(APIS)("is one that a new code of a later broker has too, for %s", (api) => {
    const expected = { InitProducerId: N, AddPartitionsToTxn: A, Produce: E };
    expect(errorClassOf(api, new BrokerError(9999))).toBe(
      (expected as { readonly [api: string]: string })[api] ?? N,
    );
  });
});

describe("the class of what is no answer", () => {
  it.each(APIS.filter((api) => api !== "Produce"))("lets %s find the coordinator again", (api) => {
    const lost = new ConnectionError("CONNECTION_CLOSED", "b:1", "lost", { retriable: true });
    expect(errorClassOf(api, lost)).toBe(F);
    expect(errorClassOf(api, new TimeoutError("REQUEST_TIMED_OUT", "late"))).toBe(F);
  });

  it("of a batch is no reason to send it yet again", () => {
    expect(errorClassOf("Produce", new KafkaError("DELIVERY_TIMED_OUT", "late", { retriable: true }))).toBe(
      E,
    );
  });

  it("ends with the producer where nothing helps", () => {
    expect(errorClassOf("EndTxn", new ClosedError("client"))).toBe(N);
    expect(
      errorClassOf("EndTxn", new AuthenticationError("SASL_AUTHENTICATION_FAILED", "b", "PLAIN", "no")),
    ).toBe(C);
    expect(errorClassOf("EndTxn", new KafkaError("UNSUPPORTED_VERSION", "too old"))).toBe(C);
    expect(errorClassOf("EndTxn", new Error("what is this?"))).toBe(N);
  });

  it("is the consumer's affair where offsets cannot be sent with its member", () => {
    expect(errorClassOf("TxnOffsetCommit", new KafkaError("UNSUPPORTED_VERSION", "too old"))).toBe(A);
  });

  it("may pass, or not", () => {
    expect([R, F, A, E, N, C].filter((each) => mayPass(each as ErrorClass))).toEqual([R, F]);
  });
});
