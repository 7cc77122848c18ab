/**
 * How an API is described. A file of `apis/` exports one of these, and `api-table.ts` lists it; nothing else has to know
 * of a new API.
 */

import type { Fields, Infer, InferInput, MessageSchema } from "../protocol/schema.ts";
import type { Broker } from "./broker.ts";
import type { Cluster } from "./cluster.ts";
import type { Pending } from "./pending.ts";
import type { RequestQuotas } from "./quota/request-quotas.ts";
import type { Operation, Principal, ResourceType } from "./security/authorizer.ts";
import type { SaslConnection } from "./security/sasl/sasl-connection.ts";

/** What is known of a connection. APIs of authentication change it. */
export interface ConnectionState {
  /** Counts the connections of a cluster from 1. */
  readonly id: number;
  /** Address and port of the client. */
  readonly peer: string;
  principal: Principal;
  /** Where it stands with SASL; null where the broker has none. */
  readonly sasl: SaslConnection | null;
  /** Name and version of the client's software, once it told. */
  software: { readonly name: string; readonly version: string } | null;
  /** Closes the connection, after what was written. */
  close(): void;
  /** Closes the connection once the request that is looked at now is answered. */
  closeAfterAnswer(): void;
}

/** A part of a request that a fault may be set for. */
export interface RequestPart {
  readonly topic?: string | null;
  readonly partition?: number;
  readonly group?: string;
}

/** What a handler knows beside the request. */
export interface RequestContext {
  readonly cluster: Cluster;
  /** The broker that was asked. */
  readonly broker: Broker;
  readonly connection: ConnectionState;
  /** Name of the API, such as `Fetch`. */
  readonly api: string;
  readonly version: number;
  readonly clientId: string | null;
  /** Whether the client may do this; ask it where Kafka asks. */
  allows(operation: Operation, resourceType: ResourceType, resourceName: string): boolean;
  /** Whether there may be a resource of this type with which the client may do this. */
  allowsSome(operation: Operation, resourceType: ResourceType): boolean;
  /** What the request uses of its client's quotas. */
  readonly quotas: RequestQuotas;
  /**
   * The number of the error that a test has set for this part of the request; 0 for none. Ask it once for each
   * partition or group, before anything is done for it.
   */
  injected(part: RequestPart): number;
}

/** Answers nothing, and goes on with the connection's next request. */
export const NO_ANSWER = Symbol("no answer");
/** Answers nothing, and closes the connection. */
export const HANG_UP = Symbol("hang up");

export type Answer<Response> = Response | Pending<Response> | typeof NO_ANSWER | typeof HANG_UP;

/**
 * Handles a request, at once and as a whole. A `Refusal` that it throws becomes the answer of `refuse`, as does what
 * Kafka answers when something unforeseen happens.
 */
export type Handler<Request extends Fields, Response extends Fields> = (
  request: Infer<MessageSchema<Request>>,
  context: RequestContext,
) => Answer<InferInput<MessageSchema<Response>>>;

/** The answer that says of the whole request that it is refused; the end of the connection where there is none. */
export type Refuse<Request extends Fields, Response extends Fields> = (
  request: Infer<MessageSchema<Request>>,
  errorCode: number,
  message: string | null,
) => InferInput<MessageSchema<Response>> | typeof HANG_UP;

/** One API of a broker. */
export interface ServedApi<Request extends Fields = Fields, Response extends Fields = Fields> {
  readonly apiKey: number;
  /** Such as `Fetch`. */
  readonly name: string;
  readonly request: MessageSchema<Request>;
  readonly response: MessageSchema<Response>;
  readonly handle: Handler<Request, Response>;
  readonly refuse: Refuse<Request, Response>;
  /** Whether ApiVersions tells of it. Default: true. */
  readonly isAdvertised?: boolean;
  /** The request as it may be kept for tests to look at, and shown. Default: as it is. */
  readonly withoutSecrets?: WithoutSecrets<Request>;
}

type WithoutSecrets<Request extends Fields> = (request: Infer<MessageSchema<Request>>) => object;

interface ApiOptions<Request extends Fields, Response extends Fields> {
  readonly request: MessageSchema<Request>;
  readonly response: MessageSchema<Response>;
  readonly handle: Handler<Request, Response>;
  readonly refuse: Refuse<Request, Response>;
  /** Whether ApiVersions tells of it. Default: true. */
  readonly isAdvertised?: boolean;
  readonly withoutSecrets?: WithoutSecrets<Request>;
}

/** Describes an API. */
export function serve<Request extends Fields, Response extends Fields>(
  options: ApiOptions<Request, Response>,
): ServedApi {
  const { request } = options;
  const api = { ...options, apiKey: request.apiKey as number, name: request.name.replace(/Request$/, "") };
  // The table holds them all, and the schemas see to it that each gets the values that it takes.
  return api as unknown as ServedApi;
}
