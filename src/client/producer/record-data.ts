import { ConfigError } from "../errors.ts";

/** What a key, a value or a header's value may be. Text is sent as UTF-8. */
export type RecordData = string | Uint8Array | ArrayBuffer | null;

/**
 * Data in the form in which it is encoded; undefined is null.
 *
 * @throws ConfigError naming `part` when it is of another type.
 */
export function prepareData(
  data: RecordData | undefined,
  topic: string,
  part: string,
): string | Uint8Array | null {
  if (data === undefined || data === null) return null;
  if (typeof data === "string" || data instanceof Uint8Array) return data;
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new ConfigError(
    `Record for topic "${topic}": its ${part} is a ${typeof data}; give a string, Uint8Array, ArrayBuffer or null ` +
      "(JSON.stringify turns an object into a string)",
  );
}
