import { errorCodes } from "../protocol/error-codes.ts";

const NUMBERS: ReadonlyMap<string, number> = new Map(
  Array.from(errorCodes.values(), ({ code, name }) => [name, code]),
);

/**
 * The number of one of Kafka's errors.
 *
 * @throws RangeError for a name that Kafka does not have.
 */
export function errorNumber(name: string): number {
  const code = NUMBERS.get(name);
  if (code === undefined) throw new RangeError(`Kafka has no error ${name}`);
  return code;
}

/** Kafka's name of an error. */
export function errorName(code: number): string {
  const known = errorCodes.get(code);
  if (known === undefined) throw new RangeError(`Kafka has no error ${code}`);
  return known.name;
}

export const NONE = 0;

/** Thrown where a request, or a part of it, is refused: handlers make the error of their response of it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly errorCode: number;

  /** @param code Kafka's name of the error. */
  constructor(code: string, message: string) {
    super(message);
    this.errorCode = errorNumber(code);
  }
}
