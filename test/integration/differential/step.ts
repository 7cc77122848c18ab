/** One request of a script, to both brokers. */

import type { Fields, InferInput, MessageSchema } from "../../../src/protocol/schema.ts";

/** What earlier answers of the same broker have told. */
export interface Known {
  readonly topic: string;
  topicId: string;
  producerId: bigint;
  sessionId: number;
}

/** One request, in several versions where they are to answer alike. */
export interface Step {
  readonly name: string;
  readonly request: MessageSchema;
  readonly response: MessageSchema;
  readonly version: number;
  readonly body: (known: Known) => object;
}

/** The same request in several versions. */
export function step<Request extends Fields, Response extends Fields>(
  name: string,
  [request, response]: readonly [MessageSchema<Request>, MessageSchema<Response>],
  versions: readonly number[],
  body: (known: Known) => InferInput<MessageSchema<Request>>,
): Step[] {
  return versions.map((version) => ({
    name: `${name}, v${version}`,
    request: request as unknown as MessageSchema,
    response: response as unknown as MessageSchema,
    version,
    body: body as (known: Known) => object,
  }));
}
