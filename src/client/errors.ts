/** The errors of the client. Each is a {@link KafkaError}; `code` says which. */

import { apiName } from "../protocol/api-keys.ts";
import { errorCodeOf } from "../protocol/error-codes.ts";
import { KafkaError, type KafkaErrorOptions } from "../protocol/errors.ts";
import { remedyFor } from "./remedies.ts";

/** A setting or an argument that cannot be right. Nothing was sent. */
export class ConfigError extends KafkaError {
  override readonly name = "ConfigError";

  constructor(message: string, options: KafkaErrorOptions & { readonly code?: string } = {}) {
    super(options.code ?? "INVALID_CONFIG", message, options);
  }
}

/** A deadline passed. The message says what was waited for. */
export class TimeoutError extends KafkaError {
  override readonly name = "TimeoutError";

  constructor(
    code: "TIMEOUT" | "REQUEST_TIMED_OUT" | "BUFFER_EXHAUSTED",
    message: string,
    options: KafkaErrorOptions = {},
  ) {
    super(code, message, { retriable: true, ...options });
  }
}

/** No connection to a broker, or one that ended before the answer came. */
export class ConnectionError extends KafkaError {
  override readonly name = "ConnectionError";
  /** The broker as `host:port`. */
  readonly broker: string;

  constructor(
    code:
      | "CONNECTION_CLOSED"
      | "CONNECTION_FAILED"
      | "CONNECTION_TIMED_OUT"
      | "NAME_NOT_RESOLVED"
      | "NOT_A_KAFKA_BROKER"
      | "TLS_FAILED"
      | "PROTOCOL_ERROR",
    broker: string,
    message: string,
    options: KafkaErrorOptions = {},
  ) {
    // Certificates do not mend themselves: it is a failed authentication, of one side or the other.
    super(code, message, { fatal: code === "TLS_FAILED", ...options });
    this.broker = broker;
  }
}

/** Why {@link AuthenticationError} was thrown. */
export type AuthenticationErrorCode =
  | "SASL_AUTHENTICATION_FAILED"
  | "SASL_CREDENTIALS_UNAVAILABLE"
  | "UNSUPPORTED_SASL_MECHANISM"
  | "ILLEGAL_SASL_STATE";

/**
 * Who we are could not be proved to a broker, or the broker could not prove it to us. It does not pass by
 * itself, so whatever waits for the broker fails with it at once. Credentials are never part of it.
 */
export class AuthenticationError extends KafkaError {
  override readonly name = "AuthenticationError";
  /** The broker as `host:port`. */
  readonly broker: string;
  /** The SASL mechanism, such as `SCRAM-SHA-512`. */
  readonly mechanism: string;

  constructor(
    code: AuthenticationErrorCode,
    broker: string,
    mechanism: string,
    message: string,
    options: KafkaErrorOptions = {},
  ) {
    super(code, message, { fatal: !(options.retriable ?? false), ...options });
    this.broker = broker;
    this.mechanism = mechanism;
  }
}

/** The object was closed, so the call cannot be served. */
export class ClosedError extends KafkaError {
  override readonly name = "ClosedError";

  constructor(what: string, message = `The ${what} is closed: make a new one`) {
    super("CLOSED", message, { fatal: true });
  }
}

/** Where a broker's error came from. */
export interface BrokerErrorContext extends KafkaErrorOptions {
  /** The broker as `host:port`. */
  readonly broker?: string;
  readonly apiKey?: number;
  readonly apiVersion?: number;
  readonly topic?: string;
  readonly partition?: number;
  /** What the broker said in words, where it did. */
  readonly brokerMessage?: string | null;
  /** What the caller can do about it. */
  readonly remedy?: string;
}

/** Another has taken the place of whoever is told so, or it may not do the one thing that it is for. */
const FATAL: ReadonlySet<string> = new Set([
  "PRODUCER_FENCED",
  "FENCED_INSTANCE_ID",
  "UNRELEASED_INSTANCE_ID",
  "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
]);

/** An error code in a broker's response. `code` is Kafka's name of it. */
export class BrokerError extends KafkaError {
  override readonly name = "BrokerError";
  /** Kafka's number of the error. */
  readonly errorCode: number;
  readonly broker: string | undefined;
  readonly api: string | undefined;
  readonly apiVersion: number | undefined;
  readonly topic: string | undefined;
  readonly partition: number | undefined;

  constructor(errorCode: number, context: BrokerErrorContext = {}) {
    const { name, retriable } = errorCodeOf(errorCode);
    super(name, describe(errorCode, name, context), { retriable, fatal: FATAL.has(name), ...context });
    this.errorCode = errorCode;
    this.broker = context.broker;
    this.api = context.apiKey === undefined ? undefined : apiName(context.apiKey);
    this.apiVersion = context.apiVersion;
    this.topic = context.topic;
    this.partition = context.partition;
  }
}

function describe(errorCode: number, name: string, context: BrokerErrorContext): string {
  const by = context.broker === undefined ? "The cluster" : `Broker ${context.broker}`;
  const to = context.apiKey === undefined ? "" : ` to ${apiName(context.apiKey)}`;
  const version = context.apiVersion === undefined ? "" : ` v${context.apiVersion}`;
  const partition = context.partition === undefined ? "" : `, partition ${context.partition}`;
  const about = context.topic === undefined ? "" : ` for topic "${context.topic}"${partition}`;
  const words = context.brokerMessage ? ` (${context.brokerMessage})` : "";
  const advice = context.remedy ?? remedyFor(errorCode);
  const remedy = advice === undefined ? "" : `: ${advice}`;
  return `${by} answered ${name} (${errorCode})${to}${version}${about}${words}${remedy}`;
}

/** Whether an error can go away by itself. */
export function isRetriable(error: unknown): boolean {
  return error instanceof KafkaError && error.retriable;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What an aborted signal makes a call reject with: the signal's own reason. */
export function abortReason(signal: AbortSignal): unknown {
  return signal.reason ?? new KafkaError("ABORTED", "The call was aborted");
}
