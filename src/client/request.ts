/** What is said to a broker, and what comes back, whatever connection it takes. */

import type { Fields, Infer, InferInput, MessageSchema } from "../protocol/schema.ts";
import type { Api } from "./api.ts";

/** What a request says; a function where that depends on the version in which it will be sent. */
export type RequestValue<Request extends Fields> =
  | InferInput<MessageSchema<Request>>
  | ((version: number) => InferInput<MessageSchema<Request>>);

/** A response, and who gave it in which version. */
export interface Answer<Response> {
  readonly response: Response;
  readonly version: number;
  readonly broker: string;
}

/** Asks a broker something. */
export type Ask = <Request extends Fields, Response extends Fields>(
  api: Api<Request, Response>,
  value: RequestValue<Request>,
) => Promise<Answer<Infer<MessageSchema<Response>>>>;

/**
 * Finds out on a second connection whether the broker has got a request and lets it wait for a good reason (false:
 * it owes the answer). Asked when the connection has been silent for long.
 */
export type StillWaiting = (ask: Ask) => Promise<boolean>;
