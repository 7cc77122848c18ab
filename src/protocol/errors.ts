/** Options that every {@link KafkaError} takes. */
export interface KafkaErrorOptions {
  /** What caused it, where another error did. */
  readonly cause?: unknown;
  /** True when the same call can succeed if it is made again. Default: false. */
  readonly retriable?: boolean;
  /** True when the object that threw can do no more work and has to be closed. Default: false. */
  readonly fatal?: boolean;
}

/**
 * The root of every error that kafkawire throws on purpose.
 *
 * @example
 * ```ts
 * import { KafkaError } from "kafkawire";
 *
 * const error = new KafkaError("REQUEST_TIMED_OUT", "Broker 1 did not answer", { retriable: true });
 * console.log(error.code, error.retriable);
 * ```
 */
export class KafkaError extends Error {
  override readonly name: string = "KafkaError";
  /** Kafka's own error name (`NOT_LEADER_OR_FOLLOWER`), or ours in the same form (`CONNECTION_CLOSED`). */
  readonly code: string;
  /** Whether the same call can succeed if it is made again. */
  readonly retriable: boolean;
  /** Whether the object that threw can do no more work. */
  readonly fatal: boolean;

  constructor(code: string, message: string, options: KafkaErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retriable = options.retriable ?? false;
    this.fatal = options.fatal ?? false;
  }
}

/**
 * Bytes that are not what their schema says.
 *
 * The path is built while the error travels outwards: each array and struct that it passes adds its own
 * step, so that decoding itself pays nothing for it.
 */
export class DecodeError extends KafkaError {
  override readonly name = "DecodeError";
  /** Index of the byte at which decoding stopped, counted from the start of the decoded bytes. */
  readonly offset: number;
  readonly #problem: string;
  #path = "";

  constructor(problem: string, offset: number) {
    super("DECODE_ERROR", "");
    this.offset = offset;
    this.#problem = problem;
    this.#describe();
  }

  /** Where in the message it happened, such as `MetadataResponse.topics[2].partitions[0].leaderId`. */
  get path(): string {
    return this.#path;
  }

  /** Adds the step that led here, and returns this same error to be thrown on. */
  within(step: string | number): this {
    const outer = typeof step === "number" ? `[${step}]` : step;
    this.#path =
      this.#path === "" || this.#path.startsWith("[") ? outer + this.#path : `${outer}.${this.#path}`;
    this.#describe();
    return this;
  }

  #describe(): void {
    const place = this.#path === "" ? "" : `${this.#path}: `;
    this.message = `${place}${this.#problem} at byte ${this.offset}`;
  }
}

/** A value that its schema cannot write in the version asked for. */
export class EncodeError extends KafkaError {
  override readonly name = "EncodeError";
  readonly #problem: string;
  #path = "";

  constructor(problem: string) {
    super("ENCODE_ERROR", problem);
    this.#problem = problem;
  }

  /** Which field it was, such as `FetchRequest.topics[0].partitions[1].partition`. */
  get path(): string {
    return this.#path;
  }

  /** Adds the step that led here, and returns this same error to be thrown on. */
  within(step: string | number): this {
    const outer = typeof step === "number" ? `[${step}]` : step;
    this.#path =
      this.#path === "" || this.#path.startsWith("[") ? outer + this.#path : `${outer}.${this.#path}`;
    this.message = `${this.#path}: ${this.#problem}`;
    return this;
  }
}
