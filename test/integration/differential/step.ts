/** One request of a script, to both brokers. */

import type { Fields, Infer, InferInput, MessageSchema } from "../../../src/protocol/schema.ts";

/** What earlier answers of the same broker have told. */
export interface Known {
  readonly topic: string;
  topicId: string;
  /** Who has the transactional id now. */
  producerId: bigint;
  producerEpoch: number;
  sessionId: number;
  /** Id of the topic of transactions. */
  transactionTopicId: string;
  /** Ids that members were given, by their names in the script. */
  readonly memberIds: Map<string, string>;
}

/** One request, in several versions where they are to answer alike. */
export interface Step {
  readonly name: string;
  readonly request: MessageSchema;
  readonly response: MessageSchema;
  readonly version: number;
  readonly body: (known: Known, version: number) => object;
  /** On which connection it is asked; each waits for its own answers. Default: 0. */
  readonly connection?: number;
  /** Whether the request is only sent, or only its answer is awaited: that comes with what others ask. */
  readonly part?: "send" | "receive";
  /** Keeps what later steps need of the answer. */
  readonly learn?: (known: Known, response: never) => void;
  /** Whether this is the answer to look at: else it is asked again, as of a broker that is still busy. */
  readonly until?: (response: never) => boolean;
  /** Whether the real broker may answer otherwise at first: it hears a moment later of what was changed. */
  readonly isEventual?: boolean;
}

/** The same request in several versions. */
export function step<Request extends Fields, Response extends Fields>(
  name: string,
  [request, response]: readonly [MessageSchema<Request>, MessageSchema<Response>],
  versions: readonly number[],
  body: (known: Known, version: number) => InferInput<MessageSchema<Request>>,
  more: {
    readonly connection?: number;
    readonly part?: "send" | "receive";
    readonly learn?: (known: Known, response: Infer<MessageSchema<Response>>) => void;
    readonly until?: (response: Infer<MessageSchema<Response>>) => boolean;
  } = {},
): Step[] {
  return versions.map((version) => ({
    name: `${name}, v${version}`,
    request: request as unknown as MessageSchema,
    response: response as unknown as MessageSchema,
    version,
    body: body as Step["body"],
    ...more,
  }));
}
